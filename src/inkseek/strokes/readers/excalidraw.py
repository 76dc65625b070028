"""Excalidraw files: free lines, lines, arrows and outlines of shapes; text and images are left out.

Coordinates may be anywhere, so the drawing is shifted to the origin.
"""

import math

import numpy as np
from jaxtyping import Float64

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.limits import build_sketch, check_counts, to_column
from inkseek.strokes.sketch import Sketch

LINES = {"freedraw", "line", "arrow"}

CORNERS = {
    "rectangle": [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)],
    "diamond": [(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5), (0.5, 0.0)],
    "ellipse": [
        (0.5 + 0.5 * math.cos(math.tau * i / 48), 0.5 + 0.5 * math.sin(math.tau * i / 48))
        for i in range(49)
    ],
}
"""Outlines in a unit square."""

DRAWN = {*LINES, *CORNERS}
"""Types of elements that are lines."""


def parse_excalidraw(document: dict[str, object], name: str) -> Sketch:
    """A parsed document."""
    elements = document.get("elements")
    if not isinstance(elements, list):
        raise SketchFormatError(f"{name} has no list named elements; save the drawing anew")
    strokes = []
    num_points = 0
    for i, element in enumerate(elements):
        if not isinstance(element, dict):
            raise SketchFormatError(f"{name}: element {i} is no object; save the drawing anew")
        kind = element.get("type")
        if element.get("isDeleted") or not isinstance(kind, str) or kind not in DRAWN:
            continue
        strokes.append(_read_element(element, kind, f"{name}, element {i}"))
        num_points += len(strokes[-1])
        check_counts(len(strokes), num_points, name)
    if not strokes:
        raise SketchFormatError(f"{name} draws no line; draw something first")
    return build_sketch(np.concatenate(strokes), [len(stroke) for stroke in strokes], name)


def _read_element(
    element: dict[str, object], kind: str, name: str
) -> Float64[np.ndarray, "_points 2"]:
    if kind in LINES:
        points = _read_points(element.get("points"), name)
    else:
        corners = np.array(CORNERS[kind])
        points = corners * [_number(element, "width", name), _number(element, "height", name)]
    place = np.array([_number(element, "x", name), _number(element, "y", name)])
    angle = _number(element, "angle", name)
    if angle:
        centre = (points.min(axis=0) + points.max(axis=0)) / 2
        cos, sin = math.cos(angle), math.sin(angle)
        points = (points - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre
    return np.asarray(points + place)


def _read_points(points: object, name: str) -> Float64[np.ndarray, "_points 2"]:
    if not isinstance(points, list) or not points:
        raise SketchFormatError(f"{name} has no points; save the drawing anew")
    if not all(isinstance(point, list) and len(point) >= 2 for point in points):
        raise SketchFormatError(f"{name} has a point that is not [x, y]; save the drawing anew")
    columns = [to_column([point[axis] for point in points], name) for axis in (0, 1)]
    return np.stack(columns, axis=1)


def _number(element: dict[str, object], key: str, name: str) -> float:
    value = element.get(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise SketchFormatError(f"{name}: {key} is not a number; save the drawing anew")
    return float(value)
