"""Quick, Draw! newline-delimited JSON, raw (with times) or simplified: one drawing a line.

https://github.com/googlecreativelab/quickdraw-dataset: a drawing is a list of strokes, a stroke
is two or three rows of numbers, x, y and milliseconds. Raw drawings have any extent, so every
drawing is shifted to the origin, on a canvas as large as its longer side.
"""

from collections.abc import Iterator
from io import BufferedIOBase
from itertools import chain
from typing import Any

import numpy as np

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.json_text import load_json
from inkseek.strokes.readers.limits import MAX_BYTES, build_sketch, check_size, to_column
from inkseek.strokes.sketch import Sketch


def read_quickdraw(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    """One sketch a line, in order, none left out; only an empty last line is ignored."""
    number = 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        where = f"{name}, line {number}"
        check_size(len(line), where)
        if not line.strip():
            if file.read(1):
                raise SketchFormatError(f"{where} is empty; remove it")
            return
        yield parse_quickdraw(load_json(line, where), where)


def parse_quickdraw(drawing: object, name: str) -> Sketch:
    """One parsed line: an object with a `drawing`."""
    strokes = drawing.get("drawing") if isinstance(drawing, dict) else None
    if not isinstance(strokes, list):
        raise SketchFormatError(
            f"{name} has no list named drawing; only Quick, Draw! drawings belong in this file"
        )
    if not strokes:
        return Sketch((), 1.0)
    lengths, num_rows = _measure(strokes, name)
    columns = [
        to_column(list(chain.from_iterable(stroke[row] for stroke in strokes)), name)
        for row in range(num_rows)
    ]
    points = np.stack(columns[:2], axis=1)
    return build_sketch(points, lengths, name, times=columns[2] if num_rows == 3 else None)


def _measure(strokes: list[Any], name: str) -> tuple[list[int], int]:
    """Points of each stroke, and how many rows all of them have."""
    lengths = []
    num_rows = 3
    for i, stroke in enumerate(strokes):
        try:
            sizes = {len(row) for row in stroke[:3]}
            is_good = len(sizes) == 1 and len(stroke) >= 2
        except (TypeError, KeyError):
            is_good = False
        if not is_good:
            raise SketchFormatError(
                f"{name}: stroke {i} must be two or three rows of the same length (x, y, time); "
                "the file is damaged or of another format"
            )
        num_rows = min(num_rows, len(stroke))
        lengths.append(sizes.pop())
    return lengths, num_rows
