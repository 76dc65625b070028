"""Sketchy, TU-Berlin and QuickDraw with more photos, for category retrieval (Sketchy-ext, ...).

With the lists that zero-shot papers pass on (SAKE, ZSE-SBIR)::

    <root>/<lists>/cname_cid.txt cname_cid_zero.txt      "<class> <number>", seen and unseen
    <root>/<lists>/<sketches>_train.txt ..._zero.txt     "<path below root> <number>"
    <root>/<lists>/<photos>_train.txt ..._zero.txt

or as the images are published, one folder a class::

    <root>/<sketch folder>/<class>/*.png
    <root>/<photo folder>/<class>/*.jpg                  or .JPEG, .png

Unseen classes (`zero_shot`) are the test split; of the seen ones, a tenth of the
sketches and photos is for validation, by the digest of the name. Nothing is paired: a sketch has a
category.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inkseek.data.datasets.sketchy_full import plain_category
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, Split, require, train_or_val
from inkseek.errors import DatasetError

KINDS = (".jpg", ".jpeg", ".png")

File = tuple[Path, str]
"""An image with its category."""


@dataclass(frozen=True)
class ExtendedLayout:
    """Where the parts of one of these sets lie.

    Attributes:
        name: Of the data set.
        unseen: Its unseen categories.
        lists: Folder of the lists.
        sketch_list: What the lists of sketches begin with.
        photo_list: The same for photos.
        sketch_folders: Folders of sketches, where there are no lists.
        photo_folders: The same for photos.
    """

    name: str
    unseen: tuple[str, ...]
    lists: str
    sketch_list: str
    photo_list: str
    sketch_folders: tuple[str, ...]
    photo_folders: tuple[str, ...]


def read_extended(root: Path, layout: ExtendedLayout) -> PairSet:
    """Read a set by its lists, or by its folders where it has none.

    Raises:
        DatasetError: A part is missing, or the lists have another split than the published one.
    """
    if (root / layout.lists).is_dir():
        sketches, photos = _read_by_lists(root, layout)
    else:
        sketches = _read_folders(root, layout.sketch_folders)
        photos = _read_folders(root, layout.photo_folders)
        absent = sorted(set(layout.unseen) - {category for _, category in sketches})
        if absent:
            raise DatasetError(
                f"{root} has no sketches of {len(absent)} unseen categories, such as {absent[0]!r}"
            )
    unseen = frozenset(layout.unseen)
    return PairSet(
        layout.name,
        tuple(
            PhotoRef(path, category, _split(path, category, unseen), f"{layout.name}/{category}")
            for path, category in photos
        ),
        tuple(
            SketchRef(path, 0, category, _split(path, category, unseen), None)
            for path, category in sketches
        ),
    )


def _split(path: Path, category: str, unseen: frozenset[str]) -> Split:
    return "test" if category in unseen else train_or_val(path.name)


def _read_by_lists(root: Path, layout: ExtendedLayout) -> tuple[list[File], list[File]]:
    lists = root / layout.lists
    sketches: list[File] = []
    photos: list[File] = []
    for part, names in (("train", "cname_cid.txt"), ("zero", "cname_cid_zero.txt")):
        classes = {number: plain_category(name) for name, number in _read_rows(lists / names)}
        if part == "zero" and set(classes.values()) != set(layout.unseen):
            other = sorted(set(classes.values()) ^ set(layout.unseen))
            raise DatasetError(
                f"{lists / names} has another split than {layout.name}: they differ in "
                f"{', '.join(other[:5])}"
            )
        for stem, files in ((layout.sketch_list, sketches), (layout.photo_list, photos)):
            path = lists / f"{stem}_{part}.txt"
            for name, number in _read_rows(path):
                if number not in classes or ".." in Path(name).parts or Path(name).is_absolute():
                    raise DatasetError(
                        f"{path}: '{name} {number}' names no class of {names}, or a file elsewhere"
                    )
                files.append((root / name, classes[number]))
    return sketches, photos


def _read_rows(path: Path) -> list[tuple[str, str]]:
    """Lines that end in a number; names have spaces."""
    if not path.is_file():
        raise DatasetError(f"no list {path}; it is part of the release, unpack that again")
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            name, space, number = line.strip().rpartition(" ")
            if not space or not number.isdecimal():
                raise DatasetError(f"{path}: {line!r} does not end in the number of a class")
            rows.append((name, number))
    return rows


def _read_folders(root: Path, folders: Iterable[str]) -> list[File]:
    """Images of all the folders that are there."""
    names = tuple(folders)
    files = [
        (path, plain_category(path.parent.name))
        for folder in names
        for path in sorted((root / folder).glob("*/*"))
        if path.suffix.lower() in KINDS
    ]
    return list(_require(files, f"images in {root}/{' or '.join(names)}"))


def _require(files: list[File], what: str) -> list[File]:
    require([path for path, _ in files], what)
    return files
