"""The JSON of this project, which the web page sends and `write_sketch` saves; and SVG output.

    {"format": "inkseek-sketch", "version": 1, "canvas_size": 256,
     "strokes": [[[x, y], [x, y, milliseconds], [x, y, milliseconds, pressure], ...], ...]}

All points of a sketch carry the same number of values.
"""

import json
from pathlib import Path

import numpy as np

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.json_text import load_json
from inkseek.strokes.readers.limits import build_sketch, check_counts, to_column
from inkseek.strokes.sketch import Sketch

FORMAT = "inkseek-sketch"
VERSION = 1


def from_json(text: str | bytes, name: str = "the sketch") -> Sketch:
    """Parse what `to_json` made."""
    content = text.encode() if isinstance(text, str) else text
    return parse_inkseek(load_json(content, name), name)


def to_json(sketch: Sketch) -> str:
    """Text that `from_json` reads back without loss.

    Pressures without times are written with times of zero, since a point's place tells its meaning.
    """
    times = sketch.times
    if times is None and sketch.pressures is not None:
        times = tuple(np.zeros_like(pressure) for pressure in sketch.pressures)
    tracks = [t for t in (times, sketch.pressures) if t is not None]
    strokes = [
        np.column_stack([stroke, *(track[i] for track in tracks)]).tolist()
        for i, stroke in enumerate(sketch.strokes)
    ]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "canvas_size": sketch.canvas_size,
        "strokes": strokes,
    }
    return json.dumps(document, separators=(",", ":"))


def to_svg(sketch: Sketch, *, pen_width: float = 0.012) -> str:
    """An SVG of polylines with round ends; a dot is a line without length."""
    size = f"{sketch.canvas_size:g}"
    lines = "".join(
        f'<path d="M{_join(stroke if len(stroke) > 1 else [*stroke, *stroke])}"/>'
        for stroke in sketch.strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<g fill="none" stroke="#000" stroke-width="{pen_width * sketch.canvas_size:g}" '
        f'stroke-linecap="round" stroke-linejoin="round">{lines}</g></svg>'
    )


def write_sketch(sketch: Sketch, path: Path) -> None:
    """Save as JSON, or as SVG where the name ends in .svg."""
    text = to_svg(sketch) if path.suffix.lower() == ".svg" else to_json(sketch)
    path.write_text(text, encoding="utf-8")


def parse_inkseek(document: object, name: str) -> Sketch:
    """A parsed document."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SketchFormatError(f'{name} must be an object with "format": "{FORMAT}"')
    if document.get("version") != VERSION:
        raise SketchFormatError(
            f"{name} is of version {str(document.get('version'))[:20]!r}, but {VERSION} is read; "
            "update inkseek"
        )
    canvas_size = document.get("canvas_size")
    if isinstance(canvas_size, bool) or not isinstance(canvas_size, int | float):
        raise SketchFormatError(f"{name} needs a number named canvas_size")
    strokes = document.get("strokes")
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise SketchFormatError(f"{name} needs strokes, a list of lists of points")
    lengths = [len(stroke) for stroke in strokes]
    check_counts(len(lengths), sum(lengths), name)
    points = [point for stroke in strokes for point in stroke]
    width = _width(points, name)
    columns = [to_column([point[i] for point in points], name) for i in range(width)]
    return build_sketch(
        np.stack(columns[:2], axis=1),
        lengths,
        name,
        canvas_size=float(to_column([canvas_size], name)[0]),
        times=columns[2] if width > 2 else None,
        pressures=columns[3] if width > 3 else None,
    )


def _width(points: list[object], name: str) -> int:
    widths = {len(point) if isinstance(point, list) else 0 for point in points} or {2}
    if len(widths) != 1 or not widths <= {2, 3, 4}:
        raise SketchFormatError(
            f"{name}: a point is [x, y], [x, y, milliseconds] or [x, y, milliseconds, pressure], "
            "and all points of a sketch have the same number of values"
        )
    return widths.pop()


def _join(points: object) -> str:
    return " ".join(f"{x:.7g},{y:.7g}" for x, y in points)  # type: ignore[attr-defined]
