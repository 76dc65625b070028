"""Vector sketches: the `Sketch` type, its encodings, its simplification, and its file formats."""
