"""Quick, Draw! sketches with photos of the same categories (no pairs).

Layout::

    <root>/simplified/<category>.ndjson and <root>/raw/<category>.ndjson
    <root>/photo/<category>/*.JPEG

Raw and simplified files share drawings; a drawing counts once, by its ``key_id``, and its split
follows the digest of that key. Photos are split by the digest of their name. Thirteen categories
with photos are unseen: those that Sketchy's zero-shot split holds back as well, and others in
alphabetical order that Sketchy's seen ones do not contain.
"""

import json
from pathlib import Path

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef, require, split_by_digest

UNSEEN = frozenset(
    [
        "butterfly", "chair", "lobster", "penguin", "scorpion", "snail",
        "backpack", "barn", "basketball", "bathtub", "binoculars", "bowtie", "bridge",
    ]
)  # fmt: skip
"""Categories held back from training, for zero-shot evaluation."""


ALIASES = {"hot air balloon": "hot-air balloon", "hot dog": "hotdog", "motorbike": "motorcycle"}
"""Quick, Draw! names of categories that other data sets write differently."""


def read_quickdraw(root: Path) -> PairSet:
    """Read the categories that have photos."""
    photos: list[PhotoRef] = []
    sketches: list[SketchRef] = []
    folders = sorted(p for p in (root / "photo").glob("*") if p.is_dir())
    for folder in require(folders, str(root / "photo")):
        category = folder.name
        for path in sorted(folder.iterdir()):
            split = split_by_digest(path.name)
            photos.append(PhotoRef(path, category, split, f"quickdraw/{category}"))
        sketches += _read_category(root, category)
    return PairSet("quickdraw", tuple(photos), tuple(sketches))


def read_quickdraw_strokes(root: Path) -> PairSet:
    """Read the categories that have no photos here, to meet photos of another data set."""
    with_photos = {p.name for p in (root / "photo").glob("*")}
    files = require(sorted((root / "simplified").glob("*.ndjson")), str(root / "simplified"))
    names = [path.stem for path in files if path.stem not in with_photos]
    sketches = [sketch for name in names for sketch in _read_category(root, name)]
    return PairSet("quickdraw-strokes", (), tuple(sketches))


def _read_category(root: Path, name: str) -> list[SketchRef]:
    sketches: list[SketchRef] = []
    seen_keys: set[str] = set()
    for kind in ("simplified", "raw"):
        path = root / kind / f"{name}.ndjson"
        if not path.is_file():
            continue
        with path.open(encoding="utf-8") as file:
            for i, line in enumerate(file):
                key = str(json.loads(line)["key_id"])
                if key not in seen_keys:
                    seen_keys.add(key)
                    category = ALIASES.get(name, name)
                    sketches.append(SketchRef(path, i, category, split_by_digest(key), None))
    return sketches
