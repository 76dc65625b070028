"""QMUL Shoe (Yu et al. 2016), with undrawn shoes beside it.

Layout::

    <root>/photo/<photo>.jpg
    <root>/sketch/<photo>-<drawer>.png
    <root>/more_photos/*.webp            distractors: never in training, part of the large gallery
    <root>/splits.tsv                    columns photo, split
"""

from pathlib import Path

from inkseek.data.datasets.sketchy import read_table
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, parse_split, require

CATEGORY = "shoe"


def read_shoes(root: Path) -> PairSet:
    """Read the drawn shoes, then the undrawn ones."""
    photos: list[PhotoRef] = []
    sketches: list[SketchRef] = []
    for row in read_table(root / "splits.tsv"):
        split = parse_split(row["split"], str(root / "splits.tsv"))
        drawn = sorted((root / "sketch").glob(f"{row['photo']}-*.png"))
        require(drawn, f"sketches of shoe {row['photo']} in {root}")
        sketches += [SketchRef(s, 0, CATEGORY, split, len(photos)) for s in drawn]
        path = root / "photo" / f"{row['photo']}.jpg"
        photos.append(PhotoRef(path, CATEGORY, split, "shoes"))
    for path in sorted((root / "more_photos").glob("*.webp")):
        photos.append(PhotoRef(path, CATEGORY, None, "shoes/more"))
    return PairSet("shoes", tuple(photos), tuple(sketches))
