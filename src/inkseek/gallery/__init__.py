"""Searchable embeddings with ids and metadata, behind one protocol and opened by URL."""
