"""Searchable photo embeddings with their metadata, opened by URL."""

from inkseek.gallery.store import Gallery, Neighbour, PhotoInfo, PhotoRow, open_gallery

__all__ = ["Gallery", "Neighbour", "PhotoInfo", "PhotoRow", "open_gallery"]
