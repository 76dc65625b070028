"""Photos and the sketches drawn of them, as every data set hands them on.

A data set is a list of photos and a list of sketches that point into it. A sketch of one very
photo has its index; a sketch of a category alone (Quick, Draw!) has none. Splits follow photos,
so that two drawings of one photo can never fall on both sides.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inkseek.errors import DatasetError

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


OWN = "pairs:"
"""Begins the name of a data set that is a folder of one's own; the folder follows."""

EDGES = -1
"""Line of a sketch that is the traced edges of the photo at its path."""


@dataclass(frozen=True)
class PhotoRef:
    """One photo of a data set.

    Attributes:
        path: Image file.
        category: What it shows, in lower case with spaces.
        split: Where its sketches may be used; ``None`` for a photo that nobody drew.
        group: Photos of one group are hard to tell apart, and rank against each other.
    """

    path: Path
    category: str
    split: Split | None
    group: str


@dataclass(frozen=True)
class SketchRef:
    """One sketch of a data set.

    Attributes:
        path: Sketch file; of a file that holds many, `line` counts from 0.
        line: Line in an ndjson file, `EDGES` for a pseudo-sketch, 0 elsewhere.
        category: What it shows.
        split: Split of the photo it was drawn from, or its own.
        photo: Index of that photo in the data set, or ``None`` when only the category is known.
    """

    path: Path
    line: int
    category: str
    split: Split
    photo: int | None


@dataclass(frozen=True)
class PairSet:
    """A data set: photos, and sketches that point into them."""

    name: str
    photos: tuple[PhotoRef, ...]
    sketches: tuple[SketchRef, ...]


def parse_split(text: str, where: str) -> Split:
    """Check a split name read from a file."""
    for split in SPLITS:
        if text == split:
            return split
    raise DatasetError(f"{where}: {text!r} is not a split; it must be one of {', '.join(SPLITS)}")


def split_by_digest(key: str) -> Split:
    """A fixed split without a file: 80 % train, 10 % val, 10 % test, by the digest of a name."""
    bucket = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) % 10
    return "test" if bucket == 0 else "val" if bucket == 1 else "train"


def train_or_val(key: str) -> Split:
    """Hold a tenth of the training photos back for validation where a release names none.

    Publications of these sets chose their checkpoints on the test photos; we do not.
    """
    return "val" if split_by_digest(key) == "val" else "train"


def require(paths: Sequence[Path], what: str) -> Sequence[Path]:
    """The paths, or an error when there are none: an empty data set is a wrong folder."""
    if not paths:
        raise DatasetError(f"{what}: nothing found; check INKSEEK_DATA or the folder's layout")
    return paths
