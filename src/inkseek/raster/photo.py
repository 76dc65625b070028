"""Photo files, some of them hostile, to clean pixels: upright 8-bit RGB on white.

The content of a file decides its format, never its name, and only the formats below are tried.
A decoder may still hang or exhaust the memory on a file made to do so: decode files of unknown
origin through `inkseek.isolate`.
"""

import math
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from struct import error as StructError
from zlib import error as ZlibError

import numpy as np
from jaxtyping import Float, Float64, UInt8
from PIL import ExifTags, Image, UnidentifiedImageError

from inkseek.errors import PhotoError
from inkseek.raster.keywords import read_keywords

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
"""Pillow's names of what is read; of an animation, the first frame."""

MAX_PIXELS = 178_000_000
"""Checked against the header, before any pixel is decoded: half a gigabyte of RGB."""

MAX_BYTES = 512 * 2**20
"""A larger file is no photo."""

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    AssertionError,
    StructError,
    ZlibError,
    Image.DecompressionBombError,
)
"""What image decoders are known to raise on damaged files."""

WHITE = (255, 255, 255)

SUFFIXES = frozenset(
    ".avif .bmp .dib .gif .heic .heif .hif .jfif .jpe .jpeg .jpg .mpo .png .tif .tiff .webp".split()
)
"""Names of files that hold a picture; a folder's other files are passed over."""

AVERAGED = {"L", "LA", "RGB", "RGBA", "CMYK"}
"""Modes whose pixels can be averaged; Pillow weighs colour by alpha as it does."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo upright, by its EXIF orientation (TIFF and HEIC arrive upright)."""

SIDEWAYS = {TURNS[5], TURNS[6], TURNS[7], TURNS[8]}


@dataclass(frozen=True)
class DecodedPhoto:
    """Pixels of a photo; width and height are those of the upright original, before reduction."""

    pixels: UInt8[np.ndarray, "height width 3"]
    width: int
    height: int
    taken_at: datetime | None
    keywords: tuple[str, ...] = ()


def decode_photo(
    source: Path | bytes, *, max_side: int | None = None, name: str | None = None
) -> DecodedPhoto:
    """Read a photo file as upright RGB on white.

    Args:
        source: The file, or its content.
        max_side: Reduce to this longer side; a JPEG is then decoded at a fraction of its size.
        name: What errors call it; for a file, its path.

    Raises:
        PhotoError: The file is no photo we read, is damaged, or is too large.
    """
    name = name or ("the upload" if isinstance(source, bytes) else str(source))
    content = source if isinstance(source, bytes) else read_photo_file(source)
    if not content:
        raise PhotoError(f"{name} is empty; copy the photo again from where it came")
    _register_heif()
    with warnings.catch_warnings():
        # Decoders warn about what we either tolerate (odd metadata) or check ourselves (size).
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                return _decode(image, name, max_side)
        except UnidentifiedImageError:
            raise PhotoError(
                f"{name} is not a photo we read or its header is damaged; convert it to one of "
                f"{', '.join(FORMATS)}"
            ) from None
        except Image.DecompressionBombError as error:
            raise PhotoError(f"{name} is too large: {error}; reduce it") from None
        except DECODER_ERRORS as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise PhotoError(f"{name} is damaged ({reason}); restore it or delete it") from error


def fit_square(
    pixels: UInt8[np.ndarray, "height width 3"], canvas_size: int
) -> UInt8[np.ndarray, "canvas_size canvas_size 3"]:
    """Scale to fill a square, aspect kept, centred between white bars."""
    height, width = pixels.shape[:2]
    if height == width == canvas_size:
        return pixels
    scale = canvas_size / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    fitted = _resize(Image.fromarray(pixels), size)
    canvas = Image.new("RGB", (canvas_size, canvas_size), WHITE)
    canvas.paste(fitted, ((canvas_size - size[0]) // 2, (canvas_size - size[1]) // 2))
    return np.asarray(canvas)


def near_duplicate_key(pixels: UInt8[np.ndarray, "height width 3"]) -> int:
    """64 bits that change little when a photo is resized, recompressed or brightened.

    The signs of the 64 lowest frequencies of a cosine transform of 32x32 grey pixels, relative to
    their median (the pHash of Zauner 2010, section 3.2.1). Compare two keys by differing bits.
    """
    gray = Image.fromarray(pixels).convert("L").resize((32, 32), Image.Resampling.BOX)
    waves = _cosines(9, 32)[1:]
    spectrum = waves @ np.asarray(gray, np.float64) @ waves.T
    # A flat photo has rounding noise for a spectrum, which must not become bits.
    bits = spectrum > np.median(spectrum) + 1e-6
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def read_photo_file(path: Path) -> bytes:
    """The content of a file that is no larger than a photo can be.

    Raises:
        PhotoError: There is no such file, it cannot be read, or it is too large.
    """
    try:
        if not path.is_file():
            raise PhotoError(f"{path} is not a file; name a photo")
        if path.stat().st_size > MAX_BYTES:
            raise PhotoError(f"{path} is larger than {MAX_BYTES >> 20} MiB; reduce it")
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}; check the disk") from error


@cache
def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


def _decode(image: Image.Image, name: str, max_side: int | None) -> DecodedPhoto:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"{name} has {width} x {height} pixels but {MAX_PIXELS:,} are allowed; reduce it"
        )
    if max_side:
        # Twice the wanted side: the rest of the way down is antialiased by `_resize`.
        shrink = min(1.0, 2 * max_side / max(width, height))
        image.draft(None, (math.ceil(width * shrink), math.ceil(height * shrink)))
    image.load()
    exif = _read_exif(image)
    upright = _to_rgb(_reduce(image, max_side) if max_side else image)
    if max_side and max(upright.size) > max_side:
        shrink = max_side / max(width, height)
        upright = _resize(upright, (max(1, round(width * shrink)), max(1, round(height * shrink))))
    turn = TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
    if turn is not None:
        upright = upright.transpose(turn)
    if turn in SIDEWAYS:
        width, height = height, width
    taken_at, keywords = _read_taken_at(exif), read_keywords(image)
    return DecodedPhoto(np.asarray(upright), width, height, taken_at, keywords)


def _reduce(image: Image.Image, max_side: int) -> Image.Image:
    """Average whole blocks of pixels before the modes are converted, which takes most memory."""
    factor = max(image.size) // (2 * max_side)
    if factor < 2 or image.mode not in AVERAGED or "transparency" in image.info:
        return image
    return image.reduce(factor)


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        full_scale = 1.0 if image.mode == "F" else 65535.0
        gray = _scale_to_bytes(np.asarray(image, np.float64), full_scale)
        return Image.fromarray(gray).convert("RGB")
    if image.has_transparency_data:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", layer.size, WHITE)
        paper.paste(layer, mask=layer)
        return paper
    return image.convert("RGB")


def _scale_to_bytes(
    values: Float64[np.ndarray, "height width"], full_scale: float
) -> UInt8[np.ndarray, "height width"]:
    """Values within their scale keep it; any other range is stretched to fit, never clipped."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    if low < 0 or high > full_scale:
        values, full_scale = values - low, (high - low) or 1.0
    return np.asarray(np.rint(values / full_scale * 255), np.uint8)


def _read_exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except DECODER_ERRORS:
        # Damaged metadata is no reason to lose a photo.
        return Image.Exif()


def _read_taken_at(exif: Image.Exif) -> datetime | None:
    try:
        text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal, "")
        return datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except DECODER_ERRORS:
        return None


@cache
def _cosines(count: int, length: int) -> Float[np.ndarray, "count length"]:
    places = (2 * np.arange(length) + 1) / (2 * length)
    return np.asarray(np.cos(np.pi * np.arange(count)[:, None] * places))
