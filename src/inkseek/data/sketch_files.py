"""The sketch files of data sets: those of `strokes.readers`, and what two releases come with."""

from collections.abc import Callable, Iterable
from pathlib import Path

from inkseek.data.datasets.coordinates import read_coordinates, read_npy
from inkseek.strokes.readers import read_sketch, read_sketches
from inkseek.strokes.sketch import Sketch

READ_MANY: dict[str, Callable[[Path], Iterable[Sketch]]] = {
    ".ndjson": read_sketches,
    ".npy": read_npy,
    "": read_coordinates,
}
"""What reads the sketches of a file, by its suffix; a file of coordinates has none."""


def holds_many(path: Path) -> bool:
    """Whether the sketches of a file are counted by lines."""
    return path.suffix in READ_MANY


def read_all(path: Path) -> list[Sketch]:
    """Every sketch of a file, in order.

    Raises:
        SketchFormatError: It is damaged.
        LimitError: It is too large, or takes too long.
    """
    return list(READ_MANY[path.suffix](path)) if holds_many(path) else [read_sketch(path)]
