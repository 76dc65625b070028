"""A match as a picture: strokes in colours, and in the photo the places that each met."""

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image, ImageDraw

from inkseek.explain.match import Explanation
from inkseek.raster.photo import fit_square
from inkseek.strokes.geometry import fit
from inkseek.strokes.sketch import Sketch

COLOURS = ((214, 69, 65), (31, 119, 180), (44, 150, 80), (148, 88, 200), (230, 140, 20))
"""Of the strokes that add most, the first most of all."""

PALE = (200, 198, 192)
PAPER = (250, 249, 246)
GAP = 24
MARGIN = 0.0625


def draw_match(
    sketch: Sketch,
    photo: UInt8[np.ndarray, "_height _width 3"],
    explanation: Explanation,
    *,
    side: int = 420,
) -> Image.Image:
    """Sketch on the left, photo on the right, lit by what the sketch found in it.

    The strokes that add most to the similarity have a colour; a ring of that colour marks the
    place of the photo where most of it comes from, and a line joins the two. Strokes that add
    nothing, or less than nothing, stay pale.
    """
    picture = Image.new("RGB", (2 * side + 3 * GAP, side + 2 * GAP), PAPER)
    picture.paste(Image.new("RGB", (side, side), "white"), (GAP, GAP))
    picture.paste(_light(fit_square(photo, side), explanation.photo), (side + 2 * GAP, GAP))
    pen = ImageDraw.Draw(picture)
    placed = fit(Sketch(sketch.strokes, sketch.canvas_size), float(side), MARGIN)
    ranked = [int(t) for t in np.argsort(-explanation.strokes) if explanation.strokes[t] > 0]
    colour_of = dict(zip(ranked, COLOURS, strict=False))
    for t in sorted(range(len(placed.strokes)), key=lambda t: t in colour_of):
        points = [(float(x) + GAP, float(y) + GAP) for x, y in placed.strokes[t]]
        colour = colour_of.get(t, PALE)
        if len(points) == 1:
            (x, y), radius = points[0], side / 80
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        else:
            pen.line(points, fill=colour, width=max(2, side // 90), joint="curve")
    for t, colour in reversed(list(colour_of.items())):
        _join(pen, placed, t, explanation, colour, side)
    return picture


def find_place(meeting: Float32[np.ndarray, "rows columns"]) -> tuple[float, float]:
    """Where in the square photo, as shares of its side from left and top, most comes from.

    The centre of what adds, each place weighted by the square of its part: with few places the
    largest alone would jump from cell to cell.
    """
    weight = np.maximum(meeting, 0.0).astype(np.float64) ** 2
    if not weight.any():
        weight = np.ones_like(weight)
    rows, columns = meeting.shape
    left = (weight.sum(0) @ (np.arange(columns) + 0.5)) / (columns * weight.sum())
    top = (weight.sum(1) @ (np.arange(rows) + 0.5)) / (rows * weight.sum())
    return float(left), float(top)


def _light(
    photo: UInt8[np.ndarray, "side side 3"], parts: Float32[np.ndarray, "rows columns"]
) -> Image.Image:
    """The photo, darker where it adds little to the similarity."""
    top = float(parts.max())
    shares = np.clip(parts / top, 0, 1) if top > 0 else np.zeros_like(parts)
    size = (photo.shape[1], photo.shape[0])
    light = Image.fromarray((255 * shares).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    weight = 0.35 + 0.65 * np.asarray(light, dtype=np.float32)[:, :, None] / 255
    return Image.fromarray((photo * weight).astype(np.uint8))


def _join(
    pen: ImageDraw.ImageDraw,
    placed: Sketch,
    t: int,
    explanation: Explanation,
    colour: tuple[int, int, int],
    side: int,
) -> None:
    stroke = placed.strokes[t]
    x, y = (float(v) + GAP for v in stroke[len(stroke) // 2])
    across, down = find_place(explanation.meetings[t])
    u, v = side + 2 * GAP + across * side, GAP + down * side
    pen.line([(x, y), (u, v)], fill=colour, width=2)
    radius = side / 16
    pen.ellipse((u - radius, v - radius, u + radius, v + radius), outline=colour, width=4)
