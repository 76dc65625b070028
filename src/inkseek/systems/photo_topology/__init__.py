"""Photo Pre-Training, But for Sketch (CVPR 2023): keep the neighbourhoods of a photo space."""
