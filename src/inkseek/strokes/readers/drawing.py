"""Drawings made of pixels, scans and photographed pages: decoded in a child, then traced."""

from io import BytesIO
from struct import error as StructError
from typing import TYPE_CHECKING
from zlib import error as ZlibError

import numpy as np
from jaxtyping import UInt8

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.sketch import Sketch

if TYPE_CHECKING:
    from PIL import Image as Images

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
"""Pillow's names of what is read; of an animation, the first frame."""

DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    EOFError,
    StructError,
    ZlibError,
)
"""What decoders are known to raise on damaged files."""

MAX_PIXELS = 50_000_000
"""Checked against the header, before any pixel is decoded: a page at 600 dpi has 35 million."""

MAX_SIDE = 1024
"""Larger drawings come back from the child reduced to this side; tracing reduces further."""

SECONDS = 4.0
"""Time to decode a file; the largest allowed takes one second."""

MEMORY_BYTES = 2**30
"""Memory of the child: the largest drawing allowed takes 200 MB of RGBA, twice."""


def parse_drawing(content: bytes, name: str) -> Sketch:
    """Decode a file and follow its lines.

    Raises:
        SketchFormatError: It is damaged, or blank.
        LimitError: It is too large, or takes too long.
    """
    gray = parse_confined(decode_gray, content, name, seconds=SECONDS, memory_bytes=MEMORY_BYTES)
    # Tracing is compiled code whose import takes longer than any other reader needs.
    from inkseek.strokes.trace import trace

    try:
        return trace(gray)
    except SketchFormatError as error:
        raise SketchFormatError(f"{name}: {error}") from None


def decode_gray(content: bytes, name: str) -> UInt8[np.ndarray, "height width"]:
    """Brightness on white paper, upright; the part that runs in a child process."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    if content[4:8] == b"ftyp":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise LimitError(
                    f"{name} has {width} x {height} pixels but {MAX_PIXELS:,} are allowed; "
                    "reduce it"
                )
            image.draft("L", (MAX_SIDE, MAX_SIDE))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            if image.has_transparency_data:
                layer = image.convert("RGBA")
                paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
                gray = Image.alpha_composite(paper, layer).convert("L")
            else:
                gray = _to_bytes(image).convert("L")
    except DECODER_ERRORS as error:
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(f"{name} is a damaged image ({reason}); save it anew") from None
    if max(gray.size) > MAX_SIDE:
        gray.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    return np.array(gray)


def _to_bytes(image: "Images.Image") -> "Images.Image":
    """Pixels of 16 bits or floating point are scaled, where Pillow clips them to white."""
    from PIL import Image

    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    values = np.nan_to_num(np.asarray(image, np.float32))
    white = max(1.0 if image.mode == "F" else 65535.0, float(values.max(initial=0.0)))
    return Image.fromarray(np.clip(values * (255 / white), 0, 255).astype(np.uint8))
