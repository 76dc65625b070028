"""Where a sketch lies, how long its lines are, and how to place, resample or cut it.

Every function returns a new `Sketch` and leaves the old one alone. Times and pressures follow
their points.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float32, Float64

from inkseek.errors import SketchFormatError
from inkseek.strokes.sketch import Sketch, Stroke, Track


def bounds(sketch: Sketch) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the strokes, which need not be those of the canvas."""
    if not sketch.strokes:
        raise SketchFormatError("a sketch without strokes has no bounds; draw something first")
    points = np.concatenate(sketch.strokes)
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    return left, top, right, bottom


def fit(sketch: Sketch, canvas_size: float, margin: float = 0.0) -> Sketch:
    """Scale uniformly to fill a canvas less its margin, and centre: what `draw` shows.

    Args:
        sketch: What to place; its own canvas does not matter. Without extent it is only centred.
        canvas_size: Side of the new canvas.
        margin: Share of the canvas side left empty on the longer axis.
    """
    if not 0 <= margin < 0.5:
        raise SketchFormatError(f"margin is {margin}, but must lie in [0, 0.5)")
    if not sketch.strokes:
        return replace(sketch, canvas_size=canvas_size)
    left, top, right, bottom = bounds(sketch)
    extent = max(right - left, bottom - top)
    scale = canvas_size * (1 - 2 * margin) / extent if extent > 0 else 0.0
    points = np.concatenate(sketch.strokes).astype(np.float64)
    centre = (left + right) / 2, (top + bottom) / 2
    placed = replace_points(sketch, (points - centre) * scale + canvas_size / 2)
    return replace(placed, canvas_size=canvas_size)


def flip(sketch: Sketch) -> Sketch:
    """Mirror left and right within the canvas."""
    points = _join(sketch.strokes).copy()
    points[:, 0] = sketch.canvas_size - points[:, 0]
    return replace_points(sketch, points)


def stroke_lengths(sketch: Sketch) -> Float64[np.ndarray, " strokes"]:
    """Length of the line of each stroke; a dot has none."""
    starts = _find_starts(sketch.strokes)
    return np.add.reduceat(_step_lengths(sketch), starts) if len(starts) else np.zeros(0)


def resample(sketch: Sketch, spacing: float) -> Sketch:
    """Put points along each stroke at equal steps, as long as fit and at most `spacing`.

    The first and the last point of a stroke stay; corners between two steps are cut.
    """
    if not (math.isfinite(spacing) and spacing > 0):
        raise SketchFormatError(f"spacing is {spacing}, but must be a positive number")
    travelled = [_travel(stroke) for stroke in sketch.strokes]
    wanted = [
        np.linspace(0, way[-1], 1 + math.ceil(way[-1] / spacing - 1e-6)) for way in travelled
    ]

    def interpolate(i: int, values: Track) -> Track:
        return np.interp(wanted[i], travelled[i], values).astype(np.float32)

    def interpolate_all(tracks: tuple[Track, ...] | None) -> tuple[Track, ...] | None:
        return tracks and tuple(interpolate(i, track) for i, track in enumerate(tracks))

    strokes = tuple(
        np.stack([interpolate(i, stroke[:, 0]), interpolate(i, stroke[:, 1])], axis=1)
        for i, stroke in enumerate(sketch.strokes)
    )
    times, pressures = interpolate_all(sketch.times), interpolate_all(sketch.pressures)
    return Sketch(strokes, sketch.canvas_size, times, pressures)


def take_points(sketch: Sketch, share: float) -> Sketch:
    """The sketch as it was when this share of its points was drawn, rounded up."""
    _check_share(share)
    total = sketch.num_points
    # 0.3 * 10 is a little more than 3, which must not become 4 points.
    return select_points(sketch, np.arange(total) < math.ceil(share * total - 1e-9))


def take_ink(sketch: Sketch, share: float) -> Sketch:
    """The sketch as it was when this share of its line was drawn: the last stroke is cut short.

    Moves with the pen lifted count nothing. A sketch of dots alone has no line, so the share is
    that of its points. At least the first point is there.
    """
    _check_share(share)
    travelled = np.cumsum(_step_lengths(sketch))
    if share == 1 or not sketch.strokes or travelled[-1] == 0:
        return take_points(sketch, share)
    goal = share * travelled[-1]
    # Points that begin a stroke are there only if the pen arrives before the goal is reached.
    begun = travelled < goal
    begun[0] = True
    taken = int(begun.argmin())
    if taken in _find_starts(sketch.strokes):
        return select_points(sketch, begun)
    begun[taken] = True
    part = (goal - travelled[taken - 1]) / (travelled[taken] - travelled[taken - 1])

    def shorten(values: Stroke | Track) -> Stroke | Track:
        end = values[-2] + (values[-1] - values[-2]) * part
        return np.concatenate([values[:-1], end[None].astype(np.float32)])

    kept = select_points(sketch, begun)
    tracks = [tracks and (*tracks[:-1], shorten(tracks[-1])) for tracks in _all_tracks(kept)]
    return Sketch((*kept.strokes[:-1], shorten(kept.strokes[-1])), kept.canvas_size, *tracks)


def select_points(sketch: Sketch, keep: Bool[np.ndarray, " points"]) -> Sketch:
    """Keep some of the points; a stroke without any is left out."""
    if not sketch.strokes:
        return sketch
    counts = np.add.reduceat(keep, _find_starts(sketch.strokes), dtype=np.int64)
    lengths = counts[counts > 0].tolist()
    strokes = _cut(np.concatenate(sketch.strokes)[keep], lengths)
    tracks = [
        None if tracks is None else _cut(np.concatenate(tracks)[keep], lengths)
        for tracks in _all_tracks(sketch)
    ]
    return Sketch(strokes, sketch.canvas_size, *tracks)


def replace_points(
    sketch: Sketch, points: Float32[np.ndarray, "points 2"] | Float64[np.ndarray, "points 2"]
) -> Sketch:
    """Move every point; `points` holds the new places, stroke after stroke."""
    lengths = [len(stroke) for stroke in sketch.strokes]
    return replace(sketch, strokes=_cut(points.astype(np.float32), lengths))
