"""Pure functions from embeddings to a scalar."""
