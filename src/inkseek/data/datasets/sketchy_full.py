"""The whole Sketchy Database (Sangkloy et al. 2016), as it is published.

Layout::

    <root>/256x256/photo/tx_000000000000/<category>/<photo>.jpg
    <root>/256x256/sketch/tx_000000000000/<category>/<photo>-<k>.png
    <root>/info/testset.txt              <category>/<photo>.jpg, ten a category

The name behind ``tx_`` says how an image was brought to its square: ``000000000000`` scaled both
sides alone, ``000100000000`` kept the aspect. Sketches that the release marks as invalid (error,
ambiguous, pose, context) are kept, as in the counts of the paper. `rendered_256x256/` and
``info-06-04/`` may lie between, as the archives unpack.
"""

from pathlib import Path

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, Split, require, train_or_val
from inkseek.errors import DatasetError

ASPECT = "tx_000000000000"


def read_sketchy_full(root: Path, *, aspect: str = ASPECT) -> PairSet:
    """Read all categories.

    Args:
        root: Folder of the release.
        aspect: Which rendering of photos and sketches.

    Raises:
        DatasetError: A part is missing, or a sketch was drawn of no photo.
    """
    pixels = find_part(root, "256x256", "rendered_256x256/256x256")
    held = _read_test_set(find_part(root, "info", "info-06-04/info") / "testset.txt")
    photos: list[PhotoRef] = []
    index: dict[tuple[str, str], int] = {}
    paths = sorted((pixels / "photo" / aspect).glob("*/*.jpg"))
    for path in require(paths, f"photos in {pixels / 'photo' / aspect}"):
        key = (path.parent.name, path.stem)
        split: Split = "test" if key in held else train_or_val(path.stem)
        category = plain_category(key[0])
        index[key] = len(photos)
        photos.append(PhotoRef(path, category, split, f"sketchy/{category}"))
    lost = sorted(held - index.keys())
    if lost:
        raise DatasetError(
            f"testset.txt lists photos that are not there, such as {'/'.join(lost[0])}"
        )
    sketches: list[SketchRef] = []
    drawn = sorted((pixels / "sketch" / aspect).glob("*/*.png"))
    for path in require(drawn, f"sketches in {pixels / 'sketch' / aspect}"):
        photo = index.get((path.parent.name, path.stem.rpartition("-")[0]))
        if photo is None:
            raise DatasetError(f"{path} was drawn of no photo of its category; unpack photo/ again")
        ref = photos[photo]
        sketches.append(SketchRef(path, 0, ref.category, ref.split or "train", photo))
    return PairSet("sketchy-full", tuple(photos), tuple(sketches))


def plain_category(folder: str) -> str:
    """A category as the project writes it: lower case with spaces."""
    return folder.replace("_", " ").lower()


def find_part(root: Path, *choices: str) -> Path:
    """The first of several folders that is there.

    Raises:
        DatasetError: None is.
    """
    for choice in choices:
        if (root / choice).is_dir():
            return root / choice
    raise DatasetError(f"{root} has no folder {' or '.join(choices)}; unpack the release there")


def _read_test_set(path: Path) -> set[tuple[str, str]]:
    if not path.is_file():
        raise DatasetError(f"no file {path}; it is part of the release's archive of information")
    held = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            category, slash, name = line.strip().partition("/")
            if not slash:
                raise DatasetError(f"{path}: {line!r} is not <category>/<photo>.jpg")
            held.add((category, name.removesuffix(".jpg")))
    return held
