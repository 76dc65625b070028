"""One file a public data set: where its files lie, and which split each belongs to."""
