"""A sketch redrawn with patches of a photo: what ZSE calls sketch-to-photo synthesis (CVPR 2023).

Each patch of the sketch with ink gives way to the patch of the photo that is most like it. Where
both show the same part of the thing, the result shows the thing in the pose of the drawing; where
they do not, one sees which patch the network took for which. The paper replaces patches "of all
matched photo patches"; here they come from the one photo that is explained.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from inkseek.explain.correspond import Box, Correspondence
from inkseek.explain.picture import COLOURS, GAP, MARGIN, PAPER
from inkseek.raster.draw import draw
from inkseek.raster.photo import fit_square
from inkseek.strokes.sketch import Sketch

BLANK = 245
"""Grey of patches that stay empty."""

FRAME = 3


def synthesise(
    photo: UInt8[np.ndarray, "_height _width 3"],
    patches: Sequence[Correspondence],
    *,
    side: int,
) -> UInt8[np.ndarray, "side side 3"]:
    """The square of the sketch, its matched patches replaced by those of the photo."""
    fitted = fit_square(photo, side)
    canvas = np.full_like(fitted, BLANK)
    for patch in patches:
        left, top, right, bottom = _pixels(patch.sketch, side)
        taken = Image.fromarray(_cut(fitted, patch.photo)).resize((right - left, bottom - top))
        canvas[top:bottom, left:right] = np.asarray(taken)
    return canvas


def draw_synthesis(
    sketch: Sketch,
    photo: UInt8[np.ndarray, "_height _width 3"],
    patches: Sequence[Correspondence],
    *,
    side: int = 300,
) -> Image.Image:
    """Sketch, photo and synthesis side by side.

    The best matches that are mutual are framed in colours, on both sides, and joined by a line.
    """
    panels = (
        np.repeat(draw(sketch, side, margin=MARGIN)[..., None], 3, axis=2),
        fit_square(photo, side),
        synthesise(photo, patches, side=side),
    )
    picture = Image.new("RGB", (3 * side + 4 * GAP, side + 2 * GAP), PAPER)
    corners = [(GAP + i * (side + GAP), GAP) for i in range(3)]
    for panel, corner in zip(panels, corners, strict=True):
        picture.paste(Image.fromarray(panel), corner)
    pen = ImageDraw.Draw(picture)
    chosen = [patch for patch in patches if patch.mutual] or list(patches)
    for patch, colour in reversed(list(zip(chosen, COLOURS, strict=False))):
        boxes = [
            _frame(pen, box, corner, side, colour)
            for box, corner in zip((patch.sketch, patch.photo), corners, strict=False)
        ]
        pen.line(boxes, fill=colour, width=2)
    return picture


def _frame(
    pen: ImageDraw.ImageDraw,
    box: Box,
    corner: tuple[int, int],
    side: int,
    colour: tuple[int, int, int],
) -> tuple[float, float]:
    """Draw the frame of a box; return its centre."""
    left, top, right, bottom = _pixels(box, side)
    x, y = corner
    pen.rectangle((x + left, y + top, x + right - 1, y + bottom - 1), outline=colour, width=FRAME)
    return x + (left + right) / 2, y + (top + bottom) / 2


def _cut(
    image: UInt8[np.ndarray, "side side 3"], box: Box
) -> UInt8[np.ndarray, "_height _width 3"]:
    left, top, right, bottom = _pixels(box, len(image))
    return image[top:bottom, left:right]


def _pixels(box: Box, side: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(v * side) for v in box)
    return left, top, right, bottom
