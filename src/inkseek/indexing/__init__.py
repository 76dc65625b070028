"""Folders of photos to gallery rows: scan, decode, embed, upsert, and quarantine what fails."""

from inkseek.indexing.index import IndexProgress, IndexSummary, index_folders
from inkseek.indexing.rebuild import rebuild_gallery
from inkseek.indexing.scan import ScanOptions

__all__ = ["IndexProgress", "IndexSummary", "ScanOptions", "index_folders", "rebuild_gallery"]
