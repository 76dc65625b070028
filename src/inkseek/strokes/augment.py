"""Small random changes to a sketch, as another hand or another day would make.

Each function takes its randomness from `generator` alone and returns a `Sketch` on the same
canvas; times and pressures follow their points. A deviation is a share of the longer side of the
sketch's bounds, so it means the same for a small drawing and a large one.
"""

import numpy as np
from jaxtyping import Float32

from inkseek.errors import SketchFormatError
from inkseek.strokes.geometry import (
    find_starts,
    join_points,
    replace_points,
    select_points,
    stroke_lengths,
)
from inkseek.strokes.sketch import Sketch

POINTS_PER_KNOT = 6
"""How many points a wobble of the line is long."""

DOT_INK = 0.01
"""Line that the width of the pen is worth, as a share of the extent: a dot is ink too."""


def drop_strokes(sketch: Sketch, share: float, *, generator: np.random.Generator) -> Sketch:
    """Leave out random whole strokes that hold at most `share` of the ink; one always stays."""
    _check_strength("share", share)
    if len(sketch.strokes) < 2:
        return sketch
    ink = stroke_lengths(sketch) + DOT_INK * max(_measure_extent(join_points(sketch)), 1e-6)
    left = share * float(ink.sum())
    kept = np.ones(len(ink), dtype=np.bool_)
    for stroke in generator.permutation(len(ink))[1:].tolist():
        if ink[stroke] <= left:
            left -= float(ink[stroke])
            kept[stroke] = False
    if kept.all():
        return sketch
    return select_points(sketch, np.repeat(kept, [len(stroke) for stroke in sketch.strokes]))


def affine(
    sketch: Sketch,
    *,
    rotation: float,
    stretch: float,
    shear: float,
    generator: np.random.Generator,
) -> Sketch:
    """Slant, stretch and turn the whole sketch about the middle of its canvas.

    Args:
        sketch: What to change.
        rotation: Largest turn in degrees, either way.
        stretch: Largest logarithm of the change of width over height; the area stays.
        shear: Largest slant, either way: move of x for each unit of y.
        generator: Source of randomness.
    """
    for name, value in (("rotation", rotation), ("stretch", stretch), ("shear", shear)):
        _check_strength(name, value)
    turn, log_aspect, slant = generator.uniform(-1, 1, 3) * (np.deg2rad(rotation), stretch, shear)
    cos, sin, wide = np.cos(turn), np.sin(turn), np.exp(log_aspect / 2)
    change = np.array([[cos, -sin], [sin, cos]]) @ [[wide, wide * slant], [0, 1 / wide]]
    middle = sketch.canvas_size / 2
    return replace_points(sketch, (join_points(sketch) - middle) @ change.T + middle)


def jitter_strokes(sketch: Sketch, deviation: float, *, generator: np.random.Generator) -> Sketch:
    """Misplace each stroke as a whole: a normal offset of its own."""
    _check_strength("deviation", deviation)
    points = join_points(sketch)
    counts = [len(stroke) for stroke in sketch.strokes]
    offsets = generator.normal(0, deviation * _measure_extent(points), (len(counts), 2))
    return replace_points(sketch, points + np.repeat(offsets, counts, axis=0))


def jitter_points(sketch: Sketch, deviation: float, *, generator: np.random.Generator) -> Sketch:
    """Wobble the lines as an unsteady hand: normal offsets at knots, linear in between.

    A stroke has a knot about every `POINTS_PER_KNOT` points and at both ends, so that dense
    points move together and a line stays a line.
    """
    _check_strength("deviation", deviation)
    if not sketch.strokes:
        return sketch
    points = join_points(sketch)
    counts = np.array([len(stroke) for stroke in sketch.strokes])
    num_knots = np.maximum(2, counts // POINTS_PER_KNOT)
    first_knots = np.cumsum(num_knots) - num_knots
    order = np.arange(len(points)) - np.repeat(find_starts(sketch), counts)
    place = order * np.repeat((num_knots - 1) / np.maximum(counts - 1, 1), counts)
    # The last point lies on the last knot: it ends the interval before, it begins none.
    before = np.minimum(place.astype(np.int64), np.repeat(num_knots - 2, counts))
    part = (place - before)[:, None]
    knots = before + np.repeat(first_knots, counts)
    wobble = generator.normal(0, deviation * _measure_extent(points), (int(num_knots.sum()), 2))
    return replace_points(sketch, points + wobble[knots] * (1 - part) + wobble[knots + 1] * part)


def _measure_extent(points: Float32[np.ndarray, "_points 2"]) -> float:
    """The longer side of the bounds."""
    return float(np.ptp(points, axis=0).max()) if len(points) else 0.0


def _check_strength(name: str, value: float) -> None:
    if not (np.isfinite(value) and value >= 0):
        raise SketchFormatError(f"{name} is {value}, but must be a number that is not negative")
