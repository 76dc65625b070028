"""Fine-grained retrieval on a budget: teacher, student and canvas selector (SketchyNet)."""
