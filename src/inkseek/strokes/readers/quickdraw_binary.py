"""Quick, Draw! simplified drawings as .bin: bytes from 0 to 255, without times.

https://github.com/googlecreativelab/quickdraw-dataset: per drawing, little endian and packed, a
key (8 bytes), country code (2), recognised (1), timestamp (4), number of strokes (2); per stroke
the number of points (2), then all x, then all y, one byte each.
"""

from collections.abc import Iterator
from io import BufferedIOBase
from struct import Struct

import numpy as np

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.limits import MAX_POINTS, build_sketch, check_counts
from inkseek.strokes.sketch import Sketch

HEADER = Struct("<Q2sbIH")
COUNT = Struct("<H")


def read_quickdraw_binary(file: BufferedIOBase, name: str) -> Iterator[Sketch]:
    """One sketch a drawing, in order."""
    number = 0
    while header := file.read(HEADER.size):
        number += 1
        where = f"{name}, drawing {number}"
        if len(header) < HEADER.size:
            raise _truncated(where)
        strokes: list[np.ndarray] = []
        num_points = 0
        for _ in range(HEADER.unpack(header)[-1]):
            (length,) = COUNT.unpack(_read(file, COUNT.size, where))
            num_points += length
            if num_points > MAX_POINTS:
                check_counts(len(strokes), num_points, where)
            row = np.frombuffer(_read(file, 2 * length, where), np.uint8)
            strokes.append(row.reshape(2, length).T)
        points = np.concatenate([np.zeros((0, 2)), *strokes])
        yield build_sketch(points, [len(stroke) for stroke in strokes], where)


def _read(file: BufferedIOBase, length: int, where: str) -> bytes:
    content = file.read(length)
    if len(content) < length:
        raise _truncated(where)
    return content


def _truncated(where: str) -> SketchFormatError:
    return SketchFormatError(f"{where} ends in its middle; copy the file again")
