"""Folders of photos to gallery rows: scan, decode, embed, upsert, and quarantine what fails."""
