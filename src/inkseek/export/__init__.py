"""Trained networks to model folders: ONNX in two precisions, with a card and proof of parity."""
