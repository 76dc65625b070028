"""Judges of retrieval and of confidence: numpy in, numbers with intervals out."""
