"""Training data: public data sets as lists of photos and sketches, packed once, sampled in batches."""
