"""Trained network to model folder: ONNX in fp32 and INT8, parity checks and the card."""
