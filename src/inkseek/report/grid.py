"""A search as one picture: the sketch on the left, its hits in rows beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from inkseek.errors import InkseekError
from inkseek.raster.draw import draw
from inkseek.raster.photo import decode_photo
from inkseek.search import Hit
from inkseek.strokes.sketch import Sketch

PAPER = (250, 249, 246)
CARD = (255, 255, 255)
EDGE = (226, 223, 216)
INK = (38, 38, 42)
PALE_INK = (124, 122, 118)
ACCENT = (31, 111, 120)

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont
Pixels = UInt8[np.ndarray, "_height _width 3"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class GridLayout:
    """Sizes of the picture, in pixels."""

    columns: int = 5
    photo_size: int = 216
    caption_height: int = 46
    padding: int = 10
    gap: int = 16
    font_size: int = 15

    @property
    def card_width(self) -> int:
        """Width of a photo with its frame."""
        return self.photo_size + 2 * self.padding

    @property
    def card_height(self) -> int:
        """Height of a photo with its frame and caption."""
        return self.photo_size + 2 * self.padding + self.caption_height


def draw_grid(sketch: Sketch, hits: Sequence[Hit], layout: GridLayout | None = None) -> Image.Image:
    """Draw a sketch and what a search found: rank, file name and confidence under each photo.

    A photo that cannot be read any more keeps its place and says so.
    """
    layout = layout or GridLayout()
    columns = max(1, min(layout.columns, len(hits)))
    rows = max(1, -(-len(hits) // columns))
    step_x, step_y = layout.card_width + layout.gap, layout.card_height + layout.gap
    size = (layout.gap + step_x * (columns + 1), layout.gap + step_y * rows)
    picture = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(layout.font_size)

    ink = Image.fromarray(draw(sketch, layout.photo_size)).convert("RGB")
    left, top = _draw_card(picture, (layout.gap, layout.gap), ink, layout, edge=ACCENT)
    pen.text((left, top), "your sketch", fill=ACCENT, font=font)
    strokes = f"{len(sketch.strokes)} stroke{'s' if len(sketch.strokes) != 1 else ''}"
    pen.text((left, top + layout.font_size + 6), strokes, fill=PALE_INK, font=font)

    for i, hit in enumerate(hits):
        corner = (layout.gap + step_x * (1 + i % columns), layout.gap + step_y * (i // columns))
        left, top = _draw_card(picture, corner, _load_photo(hit.path, layout), layout, edge=EDGE)
        name = f"{i + 1}  {Path(hit.path).name}"
        pen.text((left, top), _fit_text(name, font, layout.photo_size), fill=INK, font=font)
        _draw_confidence(pen, (left, top + layout.font_size + 6), hit.confidence, layout)
    return picture


def _draw_card(
    picture: Image.Image,
    corner: tuple[int, int],
    image: Image.Image,
    layout: GridLayout,
    *,
    edge: tuple[int, int, int],
) -> tuple[int, int]:
    """Frame an image and return where its caption starts."""
    x, y = corner
    box: Box = (x, y, x + layout.card_width, y + layout.card_height)
    ImageDraw.Draw(picture).rounded_rectangle(box, radius=8, fill=CARD, outline=edge)
    inset_x = (layout.photo_size - image.width) // 2
    inset_y = (layout.photo_size - image.height) // 2
    picture.paste(image, (x + layout.padding + inset_x, y + layout.padding + inset_y))
    return x + layout.padding, y + layout.padding + layout.photo_size + 8


def _load_photo(path: str, layout: GridLayout) -> Image.Image:
    size = layout.photo_size
    try:
        image = Image.fromarray(decode_photo(Path(path), max_side=2 * size).pixels)
    except (InkseekError, OSError):
        image = Image.new("RGB", (size, size), PAPER)
        font = ImageFont.load_default(layout.font_size)
        pen = ImageDraw.Draw(image)
        pen.text((size // 2, size // 2), "cannot be read", fill=PALE_INK, font=font, anchor="mm")
        return image
    scale = size / max(image.size)
    fitted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(fitted, Image.Resampling.LANCZOS)


def _draw_confidence(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], confidence: float, layout: GridLayout
) -> None:
    x, y = corner
    font = ImageFont.load_default(layout.font_size)
    label_width = round(font.getlength("100 %")) + 8
    right = x + layout.photo_size
    middle = y + layout.font_size // 2 + 1
    pen.rounded_rectangle((x + label_width, middle - 3, right, middle + 3), radius=3, fill=EDGE)
    filled = round((layout.photo_size - label_width) * min(max(confidence, 0.0), 1.0))
    if filled >= 1:
        bar = (x + label_width, middle - 3, x + label_width + filled, middle + 3)
        pen.rounded_rectangle(bar, radius=min(3, filled // 2), fill=ACCENT)
    pen.text((x, y), f"{100 * confidence:.0f} %", fill=PALE_INK, font=font)


def _fit_text(text: str, font: Font, width: int) -> str:
    """Cut the middle out of a text that is too long: both the rank and the suffix stay."""
    if font.getlength(text) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        cut = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
        if font.getlength(cut) <= width:
            return cut
    return "…"
