"""Results made readable: speed against targets, pictures of hits."""
