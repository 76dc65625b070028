"""QMUL ShoeV2 and ChairV2 of SketchX, in both layouts in which they are passed on.

With coordinates, as the code of Bhunia et al. 2020 reads it::

    <root>/ShoeV2_Coordinate             strokes of every sketch, see `coordinates`
    <root>/photo/<photo>.png

With a file for each sketch, as QMUL publishes it::

    <root>/ShoeV2_photo/<photo>.png
    <root>/ShoeV2_sketch/<photo>_<k>.svg    or .png; ShoeV2_sketch_png/ is looked in as well
    <root>/photo_train.txt photo_test.txt sketch_train.txt sketch_test.txt

Chairs say ``ChairV2``. The release has no validation photos: one in ten training photos, by the
digest of its name, is ours (`data.pairs.train_or_val`).
"""

from collections.abc import Iterable
from pathlib import Path

from inkseek.data.datasets.coordinates import read_coordinate_keys
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, Split, train_or_val
from inkseek.errors import DatasetError

KINDS = (".svg", ".png")


def read_qmul(root: Path, *, stem: str, category: str) -> PairSet:
    """Read shoes or chairs.

    Args:
        root: Folder of the release.
        stem: ``ShoeV2`` or ``ChairV2``, as its files are called.
        category: What all of it shows.

    Raises:
        DatasetError: The folder has neither layout, or a sketch names no split.
    """
    if (root / f"{stem}_Coordinate").is_file():
        return _read_coordinates(root, stem, category)
    if (root / "photo_train.txt").is_file():
        return _read_lists(root, stem, category)
    raise DatasetError(
        f"{root} has neither {stem}_Coordinate (with photo/) nor photo_train.txt "
        f"(with {stem}_photo/ and {stem}_sketch/); unpack the release there"
    )


def _read_coordinates(root: Path, stem: str, category: str) -> PairSet:
    path = root / f"{stem}_Coordinate"
    drawn: list[tuple[str, bool, Path, int]] = []
    for line, key in enumerate(read_coordinate_keys(path)):
        part, _, name = key.strip("/").partition("/")
        if part not in ("train", "test"):
            raise DatasetError(f"{path}: {key!r} is neither in train nor in test")
        drawn.append((_photo_of(name, str(path)), part == "test", path, line))
    is_test = {photo: test for photo, test, _, _ in drawn}
    folder = root / "photo"
    for extra in sorted(folder.glob("*.png")):
        # A photo that no sketch names is not part of either split.
        is_test.setdefault(extra.stem, False)
    return _build(
        stem, category, {name: folder / f"{name}.png" for name in is_test}, is_test, drawn
    )


def _read_lists(root: Path, stem: str, category: str) -> PairSet:
    photos: dict[str, Path] = {}
    is_test: dict[str, bool] = {}
    drawn: list[tuple[str, bool, Path, int]] = []
    for part in ("train", "test"):
        for name in _read_lines(root / f"photo_{part}.txt"):
            photos[Path(name).stem] = root / f"{stem}_photo" / name
            is_test[Path(name).stem] = part == "test"
    for part in ("train", "test"):
        for name in _read_lines(root / f"sketch_{part}.txt"):
            photo = _photo_of(Path(name).stem, str(root / f"sketch_{part}.txt"))
            if is_test.get(photo) != (part == "test"):
                raise DatasetError(
                    f"{root / f'sketch_{part}.txt'}: {name} was drawn of a photo that "
                    f"photo_{part}.txt does not list"
                )
            drawn.append((photo, part == "test", _find_sketch(root, stem, name), 0))
    return _build(stem, category, photos, is_test, drawn)


def _find_sketch(root: Path, stem: str, name: str) -> Path:
    """Strokes before pixels; a sketch that is in no folder keeps the name it is listed by."""
    for kind in KINDS:
        for folder in (f"{stem}_sketch", f"{stem}_sketch_{kind[1:]}"):
            path = (root / folder / name).with_suffix(kind)
            if path.is_file():
                return path
    return root / f"{stem}_sketch" / name


def _build(
    stem: str,
    category: str,
    photos: dict[str, Path],
    is_test: dict[str, bool],
    drawn: Iterable[tuple[str, bool, Path, int]],
) -> PairSet:
    name = stem.lower()
    splits: dict[str, Split] = {
        photo: "test" if test else train_or_val(photo) for photo, test in is_test.items()
    }
    has_sketch = {photo for photo, _, _, _ in drawn}
    index = {photo: i for i, photo in enumerate(photos)}
    refs = [
        PhotoRef(path, category, splits[photo] if photo in has_sketch else None, name)
        for photo, path in photos.items()
    ]
    sketches = [
        SketchRef(path, line, category, splits[photo], index[photo])
        for photo, _, path, line in drawn
    ]
    return PairSet(name, tuple(refs), tuple(sketches))


def _photo_of(sketch: str, where: str) -> str:
    """All before the last underscore."""
    photo, underscore, _ = sketch.rpartition("_")
    if not underscore:
        raise DatasetError(f"{where}: {sketch!r} is not named as <photo>_<number>")
    return photo


def _read_lines(path: Path) -> list[str]:
    if not path.is_file():
        raise DatasetError(f"no file {path}; it is part of the release, unpack that again")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    names = [line for line in lines if line]
    for name in names:
        if Path(name).name != name:
            raise DatasetError(f"{path}: {name!r} is not a plain file name")
    return names
