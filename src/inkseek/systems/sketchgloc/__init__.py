"""SketchGloc: a code of a sketch that survives misplaced strokes, and a decoder that draws it."""
