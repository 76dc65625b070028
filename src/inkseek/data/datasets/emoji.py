"""OpenMoji line drawings paired with Fluent Emoji 3D renders of the same code point.

Layout::

    <root>/sketch/<code>.svg
    <root>/photo/<code>.jpg
    <root>/pairs.tsv                     columns id, group, subgroup, name, split

Each emoji is its own category; those of one subgroup (faces, birds, fruit) are told apart.
"""

from pathlib import Path

from inkseek.data.datasets.sketchy import read_table
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, parse_split


def read_emoji(root: Path) -> PairSet:
    """Read all pairs, in the order of the table."""
    photos: list[PhotoRef] = []
    sketches: list[SketchRef] = []
    for i, row in enumerate(read_table(root / "pairs.tsv")):
        split = parse_split(row["split"], str(root / "pairs.tsv"))
        category = f"emoji {row['name']}"
        photo = root / "photo" / f"{row['id']}.jpg"
        photos.append(PhotoRef(photo, category, split, f"emoji/{row['subgroup']}"))
        sketches.append(SketchRef(root / "sketch" / f"{row['id']}.svg", 0, category, split, i))
    return PairSet("emoji", tuple(photos), tuple(sketches))
