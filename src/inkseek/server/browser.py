"""What a browser needs to encode drawings by itself, as far as this installation has it."""

from pathlib import Path

from inkseek.encoder import Encoder

VENDOR = Path(__file__).parent / "static" / "vendor"

RUNTIME = ("ort.js", "ort.wasm.gz", "LICENSE")
"""Fetched by `make web` and in every wheel; a bare checkout has none of it."""

NETWORK = "student.onnx"


def has_runtime(folder: Path | None = None) -> bool:
    """Whether all files of the runtime are in a folder; the service's own when None."""
    return all(((folder or VENDOR) / name).is_file() for name in RUNTIME)


def can_encode_on_device(encoder: Encoder) -> bool:
    """Whether a browser could run this encoder: the runtime is here, and the network is a file."""
    return has_runtime() and encoder.folder is not None and NETWORK in encoder.card.files
