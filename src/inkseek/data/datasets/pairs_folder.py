"""A folder of one's own photos, with sketches of them or without.

Layout::

    <root>/photo/[<category>/]<name>.jpg             or .png, .webp ...
    <root>/sketch/[<category>/]<name>.svg            or <name>-<anything>.png, .json, .ndjson ...

A sketch belongs to the photo of its name in the folder of the same category. Without a folder
``sketch``, ``<root>/photo`` (or ``<root>`` itself) is photos alone, and the edges of each photo
stand for a sketch of it. One photo in five is for validation, chosen by the digests of names.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from inkseek.data.pairs import EDGES, OWN, PairSet, PhotoRef, SketchRef, Split
from inkseek.errors import DatasetError
from inkseek.raster.photo import SUFFIXES

MIN_PHOTOS = 5
"""Photos with sketches that a folder needs at least: four to train on and one to validate."""


def read_pairs_folder(root: Path) -> PairSet:
    """Read a folder.

    Raises:
        DatasetError: There are too few photos with sketches, or a sketch has no photo.
    """
    pairs, orphans = match_pairs(root)
    if orphans:
        raise DatasetError(
            f"{orphans[0]} belongs to no photo (and {len(orphans) - 1} more sketches); "
            "name a sketch as its photo, see `inkseek data pairs`"
        )
    if len({sketch.photo for sketch in pairs.sketches}) < MIN_PHOTOS:
        raise DatasetError(f"{root} has less than {MIN_PHOTOS} photos with sketches")
    return pairs


def match_pairs(root: Path) -> tuple[PairSet, list[Path]]:
    """The pairs of a folder, and the sketches that belong to no photo.

    Raises:
        DatasetError: There is no such folder, or no photo in it.
    """
    if not root.is_dir():
        raise DatasetError(f"no folder {root}")
    photo_root = root / "photo" if (root / "photo").is_dir() else root
    paths = [p for p in _files(photo_root) if p.suffix.lower() in SUFFIXES]
    if not paths:
        raise DatasetError(f"no photos in {photo_root}; put them in {root / 'photo'}")
    keys = [_key(path, photo_root) for path in paths]
    splits = _split(keys)
    photos = tuple(
        PhotoRef(path, category or "all", splits[category, name], f"own/{category}")
        for path, (category, name) in zip(paths, keys, strict=True)
    )
    if not (root / "sketch").is_dir():
        edges = [
            SketchRef(p.path, EDGES, p.category, p.split or "train", i)
            for i, p in enumerate(photos)
        ]
        return PairSet(f"{OWN}{root}", photos, tuple(edges)), []
    index = {key: i for i, key in enumerate(keys)}
    sketches, orphans = [], []
    for path in _files(root / "sketch"):
        found = _find_photo(_key(path, root / "sketch"), index)
        if found is None:
            orphans.append(path)
        else:
            photo = photos[found]
            sketches.append(SketchRef(path, 0, photo.category, photo.split or "train", found))
    return PairSet(f"{OWN}{root}", photos, tuple(sketches)), orphans


def _files(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith("."))


def _key(path: Path, root: Path) -> tuple[str, str]:
    """Category (the folders between) and name."""
    return path.parent.relative_to(root).as_posix().strip("."), path.stem


def _find_photo(key: tuple[str, str], index: dict[tuple[str, str], int]) -> int | None:
    """The photo of the same name, or of the longest part of it that ends before a dash."""
    category, name = key
    while (category, name) not in index:
        name, dash, _ = name.rpartition("-")
        if not dash:
            return None
    return index[category, name]


def _split(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Split]:
    """One in five for validation, the same whatever else is in the folder's neighbourhood."""
    ordered = sorted(set(keys), key=lambda key: hashlib.blake2b("/".join(key).encode()).digest())
    return {key: "val" if i % 5 == 0 else "train" for i, key in enumerate(ordered)}
