r"""Strokes to pixels: one anti-aliased kernel for every canvas size.

A pixel's ink is the area of a unit-wide box around it that the pen covers, taken along the
normal of the nearest segment. For a pen of width $w$ whose centre line passes at distance $d$,

$$ \mathrm{ink} = \mathrm{clamp}(w/2 + 1/2 - d,\; 0,\; \min(w, 1)) $$

which is the exact convolution of the pen's profile with the pixel for axis-aligned lines, also
for pens thinner than a pixel. Strokes combine by maximum, so crossing and doubled lines do not
darken, and the ink of a sketch is the union of the ink of its strokes.

Only +, -, *, / and sqrt on doubles are used, in a fixed order: the same pixels come out on every
machine, in every batch, and in the JavaScript twin of this file.
"""

from collections.abc import Sequence
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from numba import njit

from inkseek.errors import SketchFormatError
from inkseek.strokes.sketch import Sketch

DEFAULT_PEN_WIDTH = 3 / 256
"""Pen width as a share of the canvas side."""

DEFAULT_MARGIN = 1 / 16
"""Empty border around a fitted sketch, as a share of the canvas side."""

FAINTEST_INK = 0.499 / 255
"""Less ink rounds to no grey level at all, with room for the rounding of doubles."""


def draw(
    sketch: Sketch,
    canvas_size: int,
    *,
    pen_width: float = DEFAULT_PEN_WIDTH,
    margin: float = DEFAULT_MARGIN,
) -> UInt8[np.ndarray, "canvas_size canvas_size"]:
    """Draw one sketch in black (0) on white (255), fitted to the canvas.

    Args:
        sketch: What to draw. Its own canvas does not matter: the bounds of its strokes are scaled
            uniformly to the canvas less the margin, and centred.
        canvas_size: Side of the result in pixels.
        pen_width: Share of the canvas side, so that strokes look alike at every canvas size.
        margin: Share of the canvas side left empty on the longer axis.
    """
    images = draw_batch([sketch], canvas_size, pen_width=pen_width, margin=margin)
    return np.asarray(images[0])


def draw_batch(
    sketches: Sequence[Sketch],
    canvas_size: int,
    *,
    pen_width: float = DEFAULT_PEN_WIDTH,
    margin: float = DEFAULT_MARGIN,
    placed: bool = False,
) -> UInt8[np.ndarray, "batch canvas_size canvas_size"]:
    """Draw several sketches; each image equals what `draw` gives for that sketch alone.

    With ``placed``, strokes stay where they lie on their sketch's own canvas instead of being
    fitted: a part of a sketch then falls on the same pixels as in the whole (see `geometry.fit`).
    """
    if canvas_size < 1:
        raise SketchFormatError(f"canvas_size is {canvas_size}, but must be at least 1 pixel")
    if not (0 < pen_width <= 1 and 0 <= margin < 0.5):
        raise SketchFormatError(
            f"pen_width {pen_width} must lie in (0, 1] and margin {margin} in [0, 0.5)"
        )
    points, stroke_ends, sketch_ends = flatten(sketches)
    images = np.full((len(sketches), canvas_size, canvas_size), 255, dtype=np.uint8)
    scales = np.array([canvas_size / s.canvas_size if placed else 0.0 for s in sketches])
    _draw_all(points, stroke_ends, sketch_ends, scales, float(pen_width), float(margin), images)
    return images


def flatten(
    sketches: Sequence[Sketch],
) -> tuple[
    Float32[np.ndarray, "points 2"], Int64[np.ndarray, " strokes"], Int64[np.ndarray, " batch"]
]:
    """Concatenate ragged strokes: points, ends of strokes in these, ends of sketches in those."""
    strokes = [stroke for sketch in sketches for stroke in sketch.strokes]
    points = np.concatenate(strokes) if strokes else np.empty((0, 2), dtype=np.float32)
    stroke_ends = np.cumsum([len(stroke) for stroke in strokes], dtype=np.int64)
    sketch_ends = np.cumsum([len(sketch.strokes) for sketch in sketches], dtype=np.int64)
    return points, stroke_ends, sketch_ends


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _draw_all(  # noqa: ANN202
    points,  # noqa: ANN001
    stroke_ends,  # noqa: ANN001
    sketch_ends,  # noqa: ANN001
    scales,  # noqa: ANN001
    pen_width,  # noqa: ANN001
    margin,  # noqa: ANN001
    images,  # noqa: ANN001
):
    side = images.shape[1]
    first_stroke = 0
    for b in range(sketch_ends.shape[0]):
        last_stroke = sketch_ends[b]
        if last_stroke > first_stroke:
            begin = stroke_ends[first_stroke - 1] if first_stroke > 0 else 0
            end = stroke_ends[last_stroke - 1]
            low_x = high_x = np.float64(points[begin, 0])
            low_y = high_y = np.float64(points[begin, 1])
            for i in range(begin + 1, end):
                x = np.float64(points[i, 0])
                y = np.float64(points[i, 1])
                low_x = min(low_x, x)
                high_x = max(high_x, x)
                low_y = min(low_y, y)
                high_y = max(high_y, y)
            extent = max(high_x - low_x, high_y - low_y)
            # A dot has no extent: any finite scale centres it.
            scale = side * (1.0 - 2.0 * margin) / extent if extent > 0.0 else 0.0
            shift_x = side * 0.5 - (low_x + high_x) * 0.5 * scale
            shift_y = side * 0.5 - (low_y + high_y) * 0.5 * scale
            if scales[b] > 0.0:
                scale = scales[b]
                shift_x = shift_y = 0.0
            start = begin
            for s in range(first_stroke, last_stroke):
                stop = stroke_ends[s]
                x0 = points[start, 0] * scale + shift_x
                y0 = points[start, 1] * scale + shift_y
                if stop - start == 1:
                    _draw_segment(x0, y0, x0, y0, pen_width * side, images[b])
                for i in range(start + 1, stop):
                    x1 = points[i, 0] * scale + shift_x
                    y1 = points[i, 1] * scale + shift_y
                    _draw_segment(x0, y0, x1, y1, pen_width * side, images[b])
                    x0 = x1
                    y0 = y1
                start = stop
        first_stroke = last_stroke


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _draw_segment(x0, y0, x1, y1, width, image):  # noqa: ANN001, ANN202
    side = image.shape[0]
    reach = width * 0.5 + 0.5
    full = min(width, 1.0)
    dx = x1 - x0
    dy = y1 - y0
    length2 = dx * dx + dy * dy
    # Less ink than half a grey level leaves no trace, so pixels beyond `far` are passed over.
    far = reach - FAINTEST_INK
    far2 = far * far
    # Pixel (column, row) has its centre at (column + 0.5, row + 0.5).
    row_low = max(0, int(np.ceil(min(y0, y1) - far - 0.5)))
    row_high = min(side - 1, int(np.floor(max(y0, y1) + far - 0.5)))
    column_low = max(0, int(np.ceil(min(x0, x1) - far - 0.5)))
    column_high = min(side - 1, int(np.floor(max(x0, x1) + far - 0.5)))
    # Of a long line's box only the strip around it is walked.
    is_steep = abs(dy) > 0.5
    slope = dx / dy if is_steep else 0.0
    half_strip = far * np.sqrt(1.0 + slope * slope)
    first = column_low
    last = column_high
    for row in range(row_low, row_high + 1):
        py = row + 0.5 - y0
        if is_steep:
            middle = x0 + py * slope - 0.5
            first = max(column_low, int(np.ceil(middle - half_strip)))
            last = min(column_high, int(np.floor(middle + half_strip)))
        for column in range(first, last + 1):
            px = column + 0.5 - x0
            along = px * dx + py * dy
            if along <= 0.0:
                ex = px
                ey = py
            elif along >= length2:
                ex = px - dx
                ey = py - dy
            else:
                t = along / length2
                ex = px - t * dx
                ey = py - t * dy
            distance2 = ex * ex + ey * ey
            if distance2 < far2:
                ink = min(reach - np.sqrt(distance2), full)
                value = 255 - int(ink * 255.0 + 0.5)
                if value < image[row, column]:
                    image[row, column] = value
