"""Training data: public data sets as photos and sketches, packed once, sampled in batches."""
