"""The recogniser: names the category of a sketch, and so judges sketches that a model drew."""
