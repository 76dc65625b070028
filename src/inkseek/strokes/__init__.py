"""Vector sketches: the `Sketch` type, its file formats, encodings, geometry and simplification."""
