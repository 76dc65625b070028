"""Sketches side by side as one picture: a contact sheet, a strip, a table of stages."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from inkseek.errors import SketchFormatError
from inkseek.raster.draw import draw
from inkseek.report.grid import ACCENT, CARD, EDGE, INK, PAPER
from inkseek.strokes.sketch import Sketch

CAPTION_HEIGHT = 24
FONT_SIZE = 14
GAP = 8
PADDING = 6


@dataclass(frozen=True, eq=False)
class Cell:
    """One sketch of a sheet.

    Attributes:
        sketch: Drawn fitted to its cell; without strokes the cell stays empty.
        caption: A few words below it.
        is_given: Framed as what was put in, rather than what came out.
    """

    sketch: Sketch
    caption: str = ""
    is_given: bool = False


def draw_sheet(rows: Sequence[Sequence[Cell]], *, side: int = 160) -> Image.Image:
    """Draw rows of sketches; those shorter than the longest end early.

    Args:
        rows: Cells from left to right.
        side: Of the square a sketch is drawn in, in pixels.

    Raises:
        SketchFormatError: There is no cell.
    """
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        raise SketchFormatError("a sheet of no sketches has no picture; give at least one")
    heights = [_cell_height(row, side) for row in rows]
    step = side + 2 * PADDING + GAP
    picture = Image.new("RGB", (GAP + step * columns, GAP + sum(h + GAP for h in heights)), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for i, cell in enumerate(row):
            _draw_cell(picture, (GAP + step * i, top), height, cell, side)
        top += height + GAP
    return picture


def wrap(cells: Sequence[Cell], columns: int) -> list[list[Cell]]:
    """Rows of so many cells, the last one perhaps shorter."""
    return [list(cells[i : i + columns]) for i in range(0, len(cells), columns)]


def _cell_height(row: Sequence[Cell], side: int) -> int:
    return side + 2 * PADDING + (CAPTION_HEIGHT if any(cell.caption for cell in row) else 0)


def _draw_cell(
    picture: Image.Image, corner: tuple[int, int], height: int, cell: Cell, side: int
) -> None:
    x, y = corner
    pen = ImageDraw.Draw(picture)
    edge = ACCENT if cell.is_given else EDGE
    pen.rounded_rectangle(
        (x, y, x + side + 2 * PADDING, y + height), radius=6, fill=CARD, outline=edge
    )
    picture.paste(Image.fromarray(draw(cell.sketch, side)), (x + PADDING, y + PADDING))
    if cell.caption:
        middle = (x + PADDING + side // 2, y + 2 * PADDING + side + CAPTION_HEIGHT // 2 - PADDING)
        pen.text(
            middle,
            cell.caption,
            fill=ACCENT if cell.is_given else INK,
            font=ImageFont.load_default(FONT_SIZE),
            anchor="mm",
        )
