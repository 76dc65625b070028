"""The Sketchy Database (Sangkloy et al. 2016) and subsets of it.

Layout::

    <root>/photo/<category>/<photo>.jpg
    <root>/sketch/<category>/<photo>-<drawer>.png
    <root>/<split file>                  columns category, photo, split
    <root>/splits_zero_shot.tsv          columns category, split (seen, unseen); optional
"""

import csv
from pathlib import Path

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, parse_split, require
from inkseek.errors import DatasetError


def read_sketchy(root: Path, *, splits: str = "splits_fine_grained.tsv") -> PairSet:
    """Read photos, drawn or not, and the sketches of the drawn ones."""
    split_of = {
        (row["category"], row["photo"]): parse_split(row["split"], str(root / splits))
        for row in read_table(root / splits)
    }
    photos: list[PhotoRef] = []
    sketches: list[SketchRef] = []
    for path in require(sorted((root / "photo").glob("*/*.jpg")), str(root / "photo")):
        folder, split = path.parent.name, split_of.get((path.parent.name, path.stem))
        category = folder.replace("_", " ")
        if split is not None:
            drawn = sorted((root / "sketch" / folder).glob(f"{path.stem}-*.png"))
            require(drawn, f"sketches of {path}")
            sketches += [SketchRef(s, 0, category, split, len(photos)) for s in drawn]
        photos.append(PhotoRef(path, category, split, f"sketchy/{category}"))
    return PairSet(root.name, tuple(photos), tuple(sketches))


def read_unseen(root: Path) -> frozenset[str]:
    """Categories that zero-shot evaluation holds back from every training set."""
    rows = read_table(root / "splits_zero_shot.tsv")
    return frozenset(r["category"].replace("_", " ") for r in rows if r["split"] == "unseen")


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header."""
    if not path.is_file():
        raise DatasetError(f"no split file {path}; check INKSEEK_DATA or the folder's layout")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))
