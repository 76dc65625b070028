"""Strokes in the files that QMUL's second shoes and chairs and FS-COCO come with.

- ``ShoeV2_Coordinate``: a pickled dictionary, ``/train/<photo>_<k>`` or ``/test/<photo>_<k>`` to
  rows (x, y, lifted) on a canvas of 256; `lifted` is 1 on the last point of a stroke.
- ``<sketch>.npy`` of FS-COCO: rows (x, y, state); a state of 1 ends a stroke, 2 ends the drawing.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from inkseek.errors import DatasetError, SketchFormatError
from inkseek.strokes.readers.confined import parse_confined
from inkseek.strokes.readers.limits import build_sketch
from inkseek.strokes.readers.pickled_arrays import PickledArray, unpickle_arrays
from inkseek.strokes.sketch import Sketch

MAX_BYTES = 512 * 2**20
"""Of a file of coordinates; that of the shoes has a few MiB."""

SECONDS = 120.0
MEMORY_BYTES = 2 * 2**30
CANVAS_SIZE = 256.0


def read_coordinate_keys(path: Path) -> list[str]:
    """The names of all sketches of a ``_Coordinate`` file, in its order.

    Raises:
        DatasetError: There is no such file.
        SketchFormatError: It is damaged, or holds anything but arrays.
    """
    return list(_load(path)[0])


def read_coordinates(path: Path) -> list[Sketch]:
    """All sketches of a ``_Coordinate`` file, in its order.

    Raises:
        DatasetError: There is no such file.
        SketchFormatError: It is damaged, or holds anything but arrays.
    """
    keys, rows, lengths = _load(path)
    ends = np.cumsum(lengths)
    return [
        _build(rows[end - length : end], f"{path}: {key}", CANVAS_SIZE)
        for key, length, end in zip(keys, lengths, ends, strict=True)
    ]


def read_npy(path: Path) -> list[Sketch]:
    """The one sketch of a ``.npy`` file.

    Raises:
        SketchFormatError: It is damaged, or holds no rows of three numbers.
    """
    try:
        rows: Any = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())[:100]
        raise SketchFormatError(f"{path} cannot be read ({reason}); unpack it again") from None
    if rows.ndim != 2 or rows.shape[1] != 3 or rows.dtype.kind not in "iuf":
        raise SketchFormatError(f"{path} has the shape {rows.shape}; rows (x, y, state) are needed")
    ended = np.flatnonzero(rows[:, 2] >= 2)
    return [_build(rows[: ended[0] + 1] if len(ended) else rows, str(path), None)]


def load_coordinates(content: bytes, name: str) -> tuple[list[str], np.ndarray, list[int]]:
    """Keys, rows of all sketches and the length of each; runs in a child process."""
    found = unpickle_arrays(BytesIO(content), f"{name} is no file of coordinates")
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise SketchFormatError(f"{name} holds something else than sketches by their names")
    arrays = []
    for key, value in found.items():
        rows = value.content if isinstance(value, PickledArray) else None
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != 3:
            raise SketchFormatError(f"{name}: {key} is not an array of rows (x, y, lifted)")
        arrays.append(rows.astype(np.float64))
    return list(found), np.concatenate([np.zeros((0, 3)), *arrays]), [len(a) for a in arrays]


def _load(path: Path) -> tuple[list[str], np.ndarray, list[int]]:
    if not path.is_file():
        raise DatasetError(f"no file {path}; it holds the strokes of every sketch")
    if path.stat().st_size > MAX_BYTES:
        raise SketchFormatError(f"{path} is larger than {MAX_BYTES >> 20} MiB; wrong file")
    return parse_confined(
        load_coordinates, path.read_bytes(), str(path), seconds=SECONDS, memory_bytes=MEMORY_BYTES
    )


def _build(rows: np.ndarray, name: str, canvas_size: float | None) -> Sketch:
    """A stroke ends where the pen is lifted, or with the sketch."""
    ends = np.flatnonzero(rows[:, 2] > 0) + 1
    if len(rows) and (not len(ends) or ends[-1] < len(rows)):
        ends = np.append(ends, len(rows))
    points = rows[:, :2].astype(np.float64)
    return build_sketch(points, np.diff(ends, prepend=0).tolist(), name, canvas_size=canvas_size)
