"""Encoders of other papers in SketchGloc's place: the decoder, the data and the loop stay."""
