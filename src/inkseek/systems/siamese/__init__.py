"""The siamese baseline: one network for sketches and photos, trained by comparing pairs."""
