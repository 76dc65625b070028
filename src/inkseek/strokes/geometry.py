"""Where a sketch lies, how long its lines are, and how to place, resample or cut it.

Every function returns a new `Sketch` and leaves the old one alone. Times and pressures follow
their points.
"""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from inkseek.errors import SketchFormatError
from inkseek.strokes.sketch import Sketch, Track

Tracks = tuple[Track, ...]
Ways = list[Float64[np.ndarray, " _points"]]
Pieces = tuple[Float32[np.ndarray, "..."], ...]
"""Strokes or tracks: what is told of each point, one array a stroke."""


def bounds(sketch: Sketch) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the strokes, which need not be those of the canvas."""
    if not sketch.strokes:
        raise SketchFormatError("a sketch without strokes has no bounds; draw something first")
    points = join_points(sketch)
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    return left, top, right, bottom


def fit(sketch: Sketch, canvas_size: float, margin: float = 0.0) -> Sketch:
    """Scale uniformly to fill a canvas less its margin, and centre: the frame that `draw` uses.

    Args:
        sketch: What to place; its own canvas does not matter. Without extent it is only centred.
        canvas_size: Side of the new canvas.
        margin: Share of the canvas side left empty on the longer axis.
    """
    if not 0 <= margin < 0.5:
        raise SketchFormatError(f"margin is {margin}, but must lie in [0, 0.5)")
    if not sketch.strokes:
        return replace(sketch, canvas_size=float(canvas_size))
    left, top, right, bottom = bounds(sketch)
    extent = max(right - left, bottom - top)
    scale = canvas_size * (1 - 2 * margin) / extent if extent > 0 else 0.0
    centre = (left + right) / 2, (top + bottom) / 2
    points = (join_points(sketch).astype(np.float64) - centre) * scale + canvas_size / 2
    return replace(replace_points(sketch, points), canvas_size=float(canvas_size))


def flip(sketch: Sketch) -> Sketch:
    """Mirror left and right within the canvas."""
    points = join_points(sketch)
    points[:, 0] = np.float32(sketch.canvas_size) - points[:, 0]
    return replace_points(sketch, points)


def stroke_lengths(sketch: Sketch) -> Float64[np.ndarray, " _strokes"]:
    """Length of the line of each stroke; a dot has none."""
    if not sketch.strokes:
        return np.zeros(0)
    return np.add.reduceat(_measure_steps(sketch), find_starts(sketch))


def resample(sketch: Sketch, spacing: float) -> Sketch:
    """Put points at equal steps along each stroke, the longest steps that `spacing` allows.

    The first and the last point of a stroke stay; corners that fall between two steps are cut.
    """
    if not (math.isfinite(spacing) and spacing > 0):
        raise SketchFormatError(f"spacing is {spacing}, but must be a positive number")
    ways = [np.cumsum(steps) for steps in _cut(_measure_steps(sketch), _count_points(sketch))]
    stops = [np.linspace(0, way[-1], 1 + math.ceil(way[-1] / spacing - 1e-6)) for way in ways]
    x, y = (
        _interpolate(stops, ways, tuple(stroke[:, axis] for stroke in sketch.strokes))
        for axis in (0, 1)
    )
    return Sketch(
        tuple(np.stack(xy, axis=1) for xy in zip(x, y, strict=True)),
        sketch.canvas_size,
        times=None if sketch.times is None else _interpolate(stops, ways, sketch.times),
        pressures=(
            None if sketch.pressures is None else _interpolate(stops, ways, sketch.pressures)
        ),
    )


def take_points(sketch: Sketch, share: float) -> Sketch:
    """The sketch as it was when this share of its points, rounded up, was drawn."""
    _check_share(share)
    num_points = sketch.num_points
    # 0.1 * 3 * 10 is a little more than 3, which must not become 4 points.
    return select_points(sketch, np.arange(num_points) < math.ceil(share * num_points - 1e-9))


def take_ink(sketch: Sketch, share: float) -> Sketch:
    """The sketch as it was when this share of its line was drawn: its last stroke is cut short.

    Moves of the lifted pen count nothing. Dots have no line, so a sketch of dots alone is cut
    by points.
    """
    _check_share(share)
    way = np.cumsum(_measure_steps(sketch))
    if share == 1 or not way.any():
        return take_points(sketch, share)
    goal = share * way[-1]
    reached = way < goal
    # The first point not reached is never the first of its stroke, where no ink is added.
    last = int(reached.argmin())
    part = (goal - way[last - 1]) / (way[last] - way[last - 1])
    reached[last] = True
    taken = select_points(sketch, reached)
    return Sketch(
        _shorten(taken.strokes, part),
        taken.canvas_size,
        times=None if taken.times is None else _shorten(taken.times, part),
        pressures=None if taken.pressures is None else _shorten(taken.pressures, part),
    )


def join_points(sketch: Sketch) -> Float32[np.ndarray, "_points 2"]:
    """All points in one fresh array, stroke after stroke."""
    return np.concatenate([np.empty((0, 2), dtype=np.float32), *sketch.strokes])


def find_starts(sketch: Sketch) -> Int64[np.ndarray, " _strokes"]:
    """Where each stroke begins among the points of `join_points`."""
    counts = np.array(_count_points(sketch), dtype=np.int64)
    return np.cumsum(counts) - counts


def replace_points(sketch: Sketch, points: Float[np.ndarray, "_points 2"]) -> Sketch:
    """Move every point: the new places are in the order of `join_points`."""
    return replace(sketch, strokes=_cut(points.astype(np.float32), _count_points(sketch)))


def select_points(sketch: Sketch, keep: Bool[np.ndarray, " _points"]) -> Sketch:
    """Keep some points, in the order of `join_points`; a stroke without any is left out."""
    if not sketch.strokes:
        return sketch
    counts = np.add.reduceat(keep, find_starts(sketch), dtype=np.int64)
    lengths = counts[counts > 0].tolist()
    return Sketch(
        _pick(sketch.strokes, keep, lengths),
        sketch.canvas_size,
        times=None if sketch.times is None else _pick(sketch.times, keep, lengths),
        pressures=None if sketch.pressures is None else _pick(sketch.pressures, keep, lengths),
    )


def _pick(pieces: Pieces, keep: Bool[np.ndarray, " _points"], lengths: list[int]) -> Pieces:
    return _cut(np.concatenate(pieces)[keep], lengths)


def _shorten(pieces: Pieces, part: float) -> Pieces:
    """Move the last value to this part of its way from the one before."""
    end = pieces[-1][-2] + (pieces[-1][-1] - pieces[-1][-2]) * np.float32(part)
    return (*pieces[:-1], np.concatenate([pieces[-1][:-1], end[None]]))


def _interpolate(stops: Ways, ways: Ways, tracks: Tracks) -> Tracks:
    triples = zip(stops, ways, tracks, strict=True)
    return tuple(np.interp(stop, way, track).astype(np.float32) for stop, way, track in triples)


def _measure_steps(sketch: Sketch) -> Float64[np.ndarray, " _points"]:
    """Length of the line from the point before; none where a stroke begins."""
    points = join_points(sketch).astype(np.float64)
    steps: Float64[np.ndarray, " _points"] = np.hypot(
        *np.diff(points, axis=0, prepend=points[:1]).T
    )
    steps[find_starts(sketch)] = 0
    return steps


def _count_points(sketch: Sketch) -> list[int]:
    return [len(stroke) for stroke in sketch.strokes]


def _cut(
    values: Float[np.ndarray, "..."], lengths: list[int]
) -> tuple[Float[np.ndarray, "..."], ...]:
    # np.split costs microseconds a piece, and training cuts hundreds of sketches a second.
    ends = np.cumsum(lengths, dtype=np.int64).tolist()
    return tuple(values[end - n : end] for end, n in zip(ends, lengths, strict=True))


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise SketchFormatError(f"share is {share}, but must lie in (0, 1]")
