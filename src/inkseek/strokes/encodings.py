"""Sketches as rows of numbers: stroke-3, stroke-5 (Ha & Eck 2018, section 3.1) and absolute-5.

- stroke-3 rows are (dx, dy, lifted): offsets from the point before, the first from the origin;
  ``lifted`` is 1 on the last point of a stroke.
- stroke-5 rows are (dx, dy, down, up, end), the last three one-hot; rows past the end of
  the sketch are (0, 0, 0, 0, 1). There is no start token: a decoder adds its own.
- absolute-5 rows are (x, y, down, up, end) with x and y as shares of the canvas, so that they
  mean the same at every canvas size.

Coordinates come back exactly if 24 bits hold them (whole pixels on any canvas do; see each
function for the rest). Times and pressures have no place in these rows.
"""

import math

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.errors import SketchFormatError
from inkseek.strokes.geometry import join_points
from inkseek.strokes.sketch import Sketch

Stroke3 = Float32[np.ndarray, "_points 3"]
Stroke5 = Float32[np.ndarray, "_length 5"]
Absolute5 = Float32[np.ndarray, "_length 5"]

X_Y = slice(0, 2)
LIFTED = 2
DOWN, UP, END = 2, 3, 4
FLOAT32_BITS = 24


def to_stroke3(sketch: Sketch) -> Stroke3:
    """Encode a sketch as pen offsets.

    Points are moved to a grid of 2^-24 of the sketch's reach, at most half a step: offsets on a
    grid are exact in float32, so that no error adds up over a long sketch.
    """
    rows = np.zeros((sketch.num_points, 3), dtype=np.float32)
    if not sketch.strokes:
        return rows
    points = join_points(sketch).astype(np.float64)
    reach = max(float(points.max()), 0.0) - min(float(points.min()), 0.0)
    points = _round_bits(points, reach, FLOAT32_BITS)
    rows[:, X_Y] = np.diff(points, axis=0, prepend=np.zeros((1, 2)))
    last_points = np.cumsum([len(stroke) for stroke in sketch.strokes]) - 1
    rows[last_points, LIFTED] = 1
    return rows


def from_stroke3(rows: Stroke3, *, canvas_size: float) -> Sketch:
    """Decode pen offsets; an unlifted last point still ends its stroke."""
    points = np.cumsum(rows[:, X_Y], axis=0, dtype=np.float64).astype(np.float32)
    ends = np.flatnonzero(rows[:, LIFTED]) + 1
    strokes = np.split(points, ends)
    return Sketch(tuple(s for s in strokes if len(s)), canvas_size)


def to_stroke5(rows: Stroke3, *, length: int) -> Stroke5:
    """Pad to ``length`` rows, marking the padding with the end state."""
    if len(rows) > length:
        raise SketchFormatError(
            f"sketch has {len(rows)} points but stroke-5 length is {length}; "
            "simplify the sketch or raise the length"
        )
    padded = np.zeros((length, 5), dtype=np.float32)
    padded[: len(rows), X_Y] = rows[:, X_Y]
    padded[: len(rows), UP] = rows[:, LIFTED]
    padded[: len(rows), DOWN] = 1 - rows[:, LIFTED]
    padded[len(rows) :, END] = 1
    return padded


def from_stroke5(padded: Stroke5) -> Stroke3:
    """Drop everything from the first end state on; without one, keep every row."""
    ended = padded[:, END] > 0
    num_points = int(ended.argmax()) if ended.any() else len(padded)
    rows = np.zeros((num_points, 3), dtype=np.float32)
    rows[:, X_Y] = padded[:num_points, X_Y]
    rows[:, LIFTED] = padded[:num_points, UP]
    return rows


def to_absolute5(sketch: Sketch, *, length: int | None = None) -> Absolute5:
    """Encode a sketch as places on its canvas, in [0, 1] where it lies within.

    Args:
        sketch: What to encode.
        length: Rows to pad to with the end state; by default as many as there are points.
    """
    rows = to_stroke3(sketch)
    padded = to_stroke5(rows, length=len(rows) if length is None else length)
    padded[: len(rows), X_Y] = join_points(sketch) / np.float64(sketch.canvas_size)
    return padded


def from_absolute5(rows: Absolute5, *, canvas_size: float) -> Sketch:
    """Decode places on a canvas of any size.

    The canvas that was encoded gives back its coordinates exactly if its side is a power of two,
    or if they lie on a grid of 2^-22 of it (on 800 pixels: 1/4096 pixel), else to half a step.
    """
    stroke3 = from_stroke5(rows)
    points = rows[: len(stroke3), X_Y].astype(np.float64) * canvas_size
    if math.frexp(canvas_size)[0] != 0.5:
        # Division by such a side is not exact: two bits are spent on undoing its rounding.
        points = _round_bits(points, canvas_size, FLOAT32_BITS - 2)
    strokes = np.split(points.astype(np.float32), np.flatnonzero(stroke3[:, LIFTED]) + 1)
    return Sketch(tuple(s for s in strokes if len(s)), canvas_size)


def _round_bits(
    points: Float64[np.ndarray, "points 2"], reach: float, bits: int
) -> Float64[np.ndarray, "points 2"]:
    """Round to the power of two that divides `reach` into at most 2^bits steps."""
    step = math.ldexp(1.0, math.frexp(reach)[1] - bits)
    return np.asarray(np.rint(points / step) * step)
