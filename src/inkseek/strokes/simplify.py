"""Fewer points for the same drawing, by Douglas-Peucker or Visvalingam.

A simplified sketch holds a subset of the points. The first and the last point of a stroke stay,
so a stroke is never lost to a tolerance; only a budget below two points a stroke costs strokes,
the shortest first, and one always remains.
"""

import heapq
from collections.abc import Callable
from typing import Literal, no_type_check

import numpy as np
from jaxtyping import Bool, Int64
from numba import njit

from inkseek.errors import SketchFormatError
from inkseek.strokes.geometry import join_points, select_points, stroke_lengths
from inkseek.strokes.sketch import Sketch

DEFAULT_BUDGET = 100
"""Points a sketch may keep: T_max of the networks that read strokes."""

Method = Literal["douglas_peucker", "visvalingam"]


def douglas_peucker(sketch: Sketch, epsilon: float) -> Sketch:
    """Drop points that lie within `epsilon` of the simplified stroke (Douglas & Peucker 1973).

    Unlike the paper, the distance is to the segment rather than to its infinite line, so that
    closed and doubled-back strokes keep their shape.

    Args:
        sketch: What to simplify.
        epsilon: Largest deviation, in the unit of the coordinates. At 0 only points on a straight
            line between their neighbours go.
    """
    if not (np.isfinite(epsilon) and epsilon >= 0):
        raise SketchFormatError(f"epsilon is {epsilon}, but must be a number that is not negative")
    return select_points(sketch, _split_strokes(sketch, epsilon, sketch.num_points))


def visvalingam(sketch: Sketch, max_points: int = DEFAULT_BUDGET) -> Sketch:
    """Drop the point that spans the smallest triangle with its neighbours, until few enough stay.

    Areas are compared over all strokes (Visvalingam & Whyatt 1993, section 2).
    """
    sketch = _drop_shortest_strokes(sketch, max_points)
    excess = sketch.num_points - max_points
    if excess <= 0:
        return sketch
    return select_points(sketch, _thin_by_area(join_points(sketch), _find_ends(sketch), excess))


def simplify_to_budget(
    sketch: Sketch, max_points: int = DEFAULT_BUDGET, method: Method = "douglas_peucker"
) -> Sketch:
    """Keep at most `max_points` points; a sketch that has no more is returned as it is."""
    return METHODS[method](sketch, max_points)


def _fit_epsilon(sketch: Sketch, max_points: int) -> Sketch:
    """Douglas-Peucker with the smallest single epsilon that keeps to the budget."""
    sketch = _drop_shortest_strokes(sketch, max_points)
    if sketch.num_points <= max_points:
        return sketch
    return select_points(sketch, _split_strokes(sketch, 0.0, max_points))


METHODS: dict[Method, Callable[[Sketch, int], Sketch]] = {
    "douglas_peucker": _fit_epsilon,
    "visvalingam": visvalingam,
}


def _drop_shortest_strokes(sketch: Sketch, max_points: int) -> Sketch:
    """Leave out the shortest strokes until the ends of the others are within the budget."""
    if max_points < 2:
        raise SketchFormatError(
            f"max_points is {max_points}, but a stroke has two ends; allow at least 2 points"
        )
    counts = np.array([len(stroke) for stroke in sketch.strokes], dtype=np.int64)
    num_ends = np.minimum(counts, 2)
    if num_ends.sum() <= max_points:
        return sketch
    longest_first = np.argsort(-stroke_lengths(sketch), kind="stable")
    kept = np.zeros(len(counts), dtype=np.bool_)
    kept[longest_first] = np.cumsum(num_ends[longest_first]) <= max_points
    return select_points(sketch, np.repeat(kept, counts))


def _split_strokes(sketch: Sketch, epsilon: float, max_points: int) -> Bool[np.ndarray, " _points"]:
    points = join_points(sketch).astype(np.float64)
    return np.asarray(_split(points, _find_ends(sketch), float(epsilon), max_points))


def _find_ends(sketch: Sketch) -> Int64[np.ndarray, " _strokes"]:
    return np.cumsum([len(stroke) for stroke in sketch.strokes], dtype=np.int64)


@njit(cache=True, nogil=True)
@no_type_check
def _split(points, ends, epsilon, max_points):  # noqa: ANN001, ANN202
    """Split strokes at their farthest points, the largest deviation first; true where one stays.

    A point is reached only if all splits above it were made, so the epsilon that drops it is the
    least of their distances and its own. Going by that value, largest first, meets the points in
    the order in which a shrinking epsilon takes them up, and stops at the budget without looking
    at the rest: time grows with points times budget at worst.
    """
    tolerances = np.zeros(len(points))
    heap = [(0.0, 0, 0, 0) for _ in range(0)]
    num_kept = 0
    begin = 0
    for end in ends:
        tolerances[begin] = tolerances[end - 1] = np.inf
        num_kept += min(end - begin, 2)
        if end - begin > 2:
            farthest, distance = _find_farthest(points, begin, end - 1)
            heap.append((-distance, farthest, begin, end - 1))
        begin = end
    heapq.heapify(heap)
    while len(heap) > 0 and -heap[0][0] > epsilon and num_kept < max_points:
        negative, middle, first, last = heapq.heappop(heap)
        tolerances[middle] = -negative
        num_kept += 1
        for low, high in ((first, middle), (middle, last)):
            if high - low > 1:
                farthest, distance = _find_farthest(points, low, high)
                heapq.heappush(heap, (max(-distance, negative), farthest, low, high))
    # One epsilon for all: points as near as the first one left out go as well.
    return tolerances > (max(epsilon, -heap[0][0]) if len(heap) > 0 else epsilon)


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _find_farthest(points, first, last):  # noqa: ANN001, ANN202
    """The inner point farthest from the segment between two points, and its distance."""
    x, y = points[first]
    dx = points[last, 0] - x
    dy = points[last, 1] - y
    length2 = dx * dx + dy * dy
    farthest = first + 1
    largest = -1.0
    for i in range(first + 1, last):
        px = points[i, 0] - x
        py = points[i, 1] - y
        t = (px * dx + py * dy) / length2 if length2 > 0.0 else 0.0
        t = min(max(t, 0.0), 1.0)
        ex = px - t * dx
        ey = py - t * dy
        distance2 = ex * ex + ey * ey
        if distance2 > largest:
            largest = distance2
            farthest = i
    return farthest, np.sqrt(largest)


@njit(cache=True, nogil=True)
@no_type_check
def _thin_by_area(points, ends, excess):  # noqa: ANN001, ANN202
    """Remove `excess` inner points, the smallest triangle first; true where a point stays."""
    num_points = len(points)
    kept = np.ones(num_points, dtype=np.bool_)
    before = np.arange(-1, num_points - 1)
    after = np.arange(1, num_points + 1)
    areas = np.full(num_points, np.inf)
    begin = 0
    for end in ends:
        for i in range(begin + 1, end - 1):
            areas[i] = _measure_triangle(points, i - 1, i, i + 1)
        begin = end
    heap = [(areas[i], i) for i in range(num_points) if areas[i] < np.inf]
    heapq.heapify(heap)
    while excess > 0:
        area, i = heapq.heappop(heap)
        if area != areas[i] or not kept[i]:
            continue
        kept[i] = False
        excess -= 1
        after[before[i]] = after[i]
        before[after[i]] = before[i]
        for j in (before[i], after[i]):
            if areas[j] < np.inf:
                # A point must not go before those whose going made its triangle small.
                areas[j] = max(_measure_triangle(points, before[j], j, after[j]), area)
                heapq.heappush(heap, (areas[j], j))
    return kept


@njit(cache=True, nogil=True)
@no_type_check
def _measure_triangle(points, i, j, k):  # noqa: ANN001, ANN202
    ax = np.float64(points[i, 0]) - points[j, 0]
    ay = np.float64(points[i, 1]) - points[j, 1]
    bx = np.float64(points[k, 0]) - points[j, 0]
    by = np.float64(points[k, 1]) - points[j, 1]
    return abs(ax * by - ay * bx) * 0.5
