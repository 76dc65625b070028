"""Pixels: strokes drawn on a canvas, and photo files decoded safely."""
