"""Bezier curves and arcs to polylines, no finer than the canvas needs."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from jaxtyping import Float64
from svgelements import Arc, Close, CubicBezier, Matrix, Move, PathSegment, QuadraticBezier, Shape

MAX_STEPS = 256
"""Of one curve."""


def flatten_shape(
    shape: Shape, matrix: Matrix, tolerance: float
) -> Iterator[Float64[np.ndarray, "_points 2"]]:
    """The outlines of a shape, transformed; a line without length is one point.

    Args:
        shape: With a transform of its own, which is ignored.
        matrix: From the units of the shape to those of the canvas.
        tolerance: Largest error, in units of the canvas.
    """
    values = (matrix.a, matrix.b, matrix.c, matrix.d)
    scale = max(abs(value) for value in values) * math.sqrt(2)
    linear = np.array(values, dtype=np.float64).reshape(2, 2)
    offset = np.array([matrix.e, matrix.f], dtype=np.float64)
    for outline in _outlines(shape, tolerance / max(scale, 1e-12)):
        points = np.array(outline, dtype=np.float64) @ linear + offset
        yield points[:1] if (points == points[0]).all() else points


def _outlines(shape: Shape, tolerance: float) -> Iterator[list[tuple[float, float]]]:
    outline: list[tuple[float, float]] = []
    for segment in shape.segments(transformed=False):
        if isinstance(segment, Move):
            if len(outline) > 1:
                yield outline
            outline = [(segment.end.x, segment.end.y)]
        elif isinstance(segment, Close):
            if len(outline) > 1:
                yield [*outline, outline[0]]
            # What follows without a move begins where the closed outline began.
            outline = outline[:1]
        else:
            outline += _points_after_start(segment, tolerance)
    if len(outline) > 1:
        yield outline


def _points_after_start(segment: PathSegment, tolerance: float) -> list[tuple[float, float]]:
    if isinstance(segment, Arc):
        return [
            point
            for curve in segment.as_cubic_curves()
            for point in _points_after_start(curve, tolerance)
        ]
    if isinstance(segment, CubicBezier):
        corners = [segment.start, segment.control1, segment.control2, segment.end]
    elif isinstance(segment, QuadraticBezier):
        corners = [segment.start, segment.control, segment.end]
    else:
        return [(segment.end.x, segment.end.y)]
    return _sample([(corner.x, corner.y) for corner in corners], tolerance)


def _sample(corners: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    """Steps from the bound on a chord's error, an eighth of the second derivative over steps²."""
    degree = len(corners) - 1
    bend = max(
        math.hypot(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2)
        for (x0, y0), (x1, y1), (x2, y2) in zip(corners, corners[1:], corners[2:], strict=False)
    )
    steps = math.sqrt(degree * (degree - 1) * bend / (8 * tolerance))
    # The comparison is false for what is not a number, which a later check refuses.
    count = max(1, math.ceil(steps)) if steps < MAX_STEPS else MAX_STEPS
    t = np.arange(1, count + 1)[:, None] / count
    levels = [np.array(corner) for corner in corners]
    while len(levels) > 1:
        levels = [(1 - t) * a + t * b for a, b in pairwise(levels)]
    return [(float(x), float(y)) for x, y in levels[0].tolist()]
