"""QMUL Shoe and Chair (Yu et al. 2016) and Handbag (Song et al. 2017).

Layout of each::

    <root>/train/images/<photo>.jpg      and test/; .png is read as well
    <root>/train/sketches/<photo>.png    one sketch a photo, of the same name

Handbags are passed on in the same folders. The release has no validation photos: one in ten
training photos, by the digest of its name, is ours (`data.pairs.train_or_val`).
"""

from pathlib import Path

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, Split, train_or_val
from inkseek.errors import DatasetError

KINDS = (".jpg", ".jpeg", ".png")


def read_qmul_first(root: Path, *, name: str, category: str) -> PairSet:
    """Read one of the three.

    Args:
        root: Folder of the release that has train/ and test/.
        name: Of the data set.
        category: What all of it shows.

    Raises:
        DatasetError: A folder is missing, or a photo and a sketch are alone.
    """
    photos: list[PhotoRef] = []
    sketches: list[SketchRef] = []
    for part in ("train", "test"):
        images = _by_stem(root / part / "images")
        drawn = _by_stem(root / part / "sketches")
        alone = sorted(images.keys() ^ drawn.keys())
        if alone:
            raise DatasetError(
                f"{root / part}: {len(alone)} names have a photo or a sketch alone, such as "
                f"{alone[0]!r}; images/ and sketches/ must hold the same names"
            )
        for stem in sorted(images):
            split: Split = "test" if part == "test" else train_or_val(stem)
            sketches.append(SketchRef(drawn[stem], 0, category, split, len(photos)))
            photos.append(PhotoRef(images[stem], category, split, name))
    return PairSet(name, tuple(photos), tuple(sketches))


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DatasetError(f"no folder {folder}; unpack the release there")
    return {p.stem: p for p in sorted(folder.iterdir()) if p.suffix.lower() in KINDS}
