"""FS-COCO (Chowdhury et al. 2022): scenes of MS-COCO, drawn from memory by a hundred people.

Layout::

    <root>/images/<drawer>/<id>.jpg
    <root>/vector_sketches/<drawer>/<id>.npy     strokes, see `coordinates`
    <root>/raster_sketches/<drawer>/<id>.jpg     read instead where there are no strokes
    <root>/val_normal.txt                        ids of the 3,000 test pairs

One pair an id. The release has no validation pairs beside the test: one in ten training pairs, by
the digest of its id, is ours (`data.pairs.train_or_val`).
"""

from pathlib import Path

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, Split, require, train_or_val
from inkseek.errors import DatasetError

CATEGORY = "scene"
TEST = "val_normal.txt"


def read_fscoco(root: Path) -> PairSet:
    """Read all pairs, by drawer and id.

    Raises:
        DatasetError: A part is missing, or a photo and a sketch are alone.
    """
    if not (root / TEST).is_file():
        raise DatasetError(f"no file {root / TEST}; it lists the test pairs")
    held = {_plain_id(line) for line in (root / TEST).read_text().splitlines() if line.strip()}
    images = _by_key(root / "images", ".jpg")
    vectors = (root / "vector_sketches").is_dir()
    folder = root / ("vector_sketches" if vectors else "raster_sketches")
    drawn = _by_key(folder, ".npy" if vectors else ".jpg")
    require(list(drawn.values()), f"sketches in {folder}")
    alone = sorted(images.keys() ^ drawn.keys())
    if alone:
        raise DatasetError(
            f"{root}: {len(alone)} ids have a photo or a sketch alone, such as "
            f"{'/'.join(alone[0])}; unpack the release again"
        )
    lost = sorted(held - {_plain_id(name) for _, name in images})
    if lost:
        raise DatasetError(f"{root / TEST} lists {len(lost)} ids without a pair, such as {lost[0]}")
    photos, sketches = [], []
    for i, key in enumerate(sorted(images)):
        split: Split = "test" if _plain_id(key[1]) in held else train_or_val(key[1])
        photos.append(PhotoRef(images[key], CATEGORY, split, "fscoco"))
        sketches.append(SketchRef(drawn[key], 0, CATEGORY, split, i))
    return PairSet("fscoco", tuple(photos), tuple(sketches))


def _by_key(folder: Path, kind: str) -> dict[tuple[str, str], Path]:
    """Files by drawer and id."""
    return {(p.parent.name, p.stem): p for p in sorted(folder.glob(f"*/*{kind}"))}


def _plain_id(text: str) -> str:
    """Ids are numbers of MS-COCO, which are written with leading zeros or without."""
    return text.strip().lstrip("0")
