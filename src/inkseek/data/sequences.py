"""Whole categories of sketches as point sequences in one unit, for networks that read strokes.

Layout: ``<root>/<category>.ndjson`` (Quick, Draw!, raw or resampled) or ``<root>/<category>.npz``
(sketch-rnn). Sketches with more points than the budget are simplified first: evenly resampled
files have hundreds of points that say little.

The split is ours and fixed: 80/10/10 by the drawing's ``key_id``, or by the digest of its points
where the file has no keys, so that copies of a drawing share a split. The parts of sketch-rnn
archives (70,000/2,500/2,500) are not kept.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64

from inkseek.data.pack import PackedSketches
from inkseek.data.pairs import SPLITS, Split, split_by_digest
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import data_root
from inkseek.errors import DatasetError
from inkseek.raster.draw import flatten
from inkseek.strokes.readers import read_sketches
from inkseek.strokes.simplify import simplify_to_budget
from inkseek.strokes.sketch import Sketch

FORMAT = "1"
"""Changes when a stored file would be read differently."""

MAX_OFFSET = 1000.0
"""Longer steps between points are slips of the recording; the scale counts them as this long."""

Points = Float32[np.ndarray, "_points 2"]
Strokes = Sequence[Points]


@dataclass(frozen=True, eq=False)
class SequenceSet:
    """Sketches of some categories with their splits and the unit they are measured in.

    Attributes:
        sketches: In the units of the files.
        category: Index into `names` of each sketch.
        split: Index into `data.pairs.SPLITS` of each sketch.
        names: The categories.
        scale: Deviation of the offsets between points of the training sketches, over both axes.
    """

    sketches: PackedSketches
    category: Int64[np.ndarray, " sketches"]
    split: Int64[np.ndarray, " sketches"]
    names: tuple[str, ...]
    scale: float

    def rows(self, split: Split) -> Int64[np.ndarray, " rows"]:
        """Indices of the sketches of a split."""
        return np.flatnonzero(self.split == SPLITS.index(split))

    def strokes(self, index: int) -> list[Points]:
        """The strokes of one sketch as `normalise` gives them."""
        return normalise(self.sketches[index], self.scale)


def normalise(sketch: Sketch, scale: float) -> list[Points]:
    """Places in units of the offsets' deviation, the first point at the origin."""
    if not sketch.strokes:
        raise DatasetError("a sketch without strokes is no sequence; draw something first")
    start = sketch.strokes[0][0]
    return [((stroke - start) / np.float32(scale)).astype(np.float32) for stroke in sketch.strokes]


@runtime_checkable
class SequenceRecipe(Protocol):
    """What a recipe says of its sequences."""

    @property
    def source(self) -> str:
        """Folder of one file a category, below the folder of data sets."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Their names; their order numbers them."""

    @property
    def max_seq_len(self) -> int:
        """Points to which a sketch is simplified."""

    @property
    def num_per_category(self) -> int | None:
        """First sketches of each file to take; ``None`` takes all."""


def load_recipe_sequences(
    recipe: SequenceRecipe, cache: Path, on_progress: OnProgress = silent
) -> SequenceSet:
    """`load_sequences` for a recipe."""
    return load_sequences(
        data_root() / recipe.source,
        recipe.categories,
        cache,
        max_points=recipe.max_seq_len,
        limit=recipe.num_per_category,
        on_progress=on_progress,
    )


def load_sequences(
    root: Path,
    categories: Sequence[str],
    cache: Path,
    *,
    max_points: int,
    limit: int | None = None,
    on_progress: OnProgress = silent,
) -> SequenceSet:
    """Read categories, or load what an earlier call stored.

    Args:
        root: Folder of one file a category.
        categories: Their names; their order numbers them.
        cache: Folder of the stored file, named after everything it depends on.
        max_points: Budget of `simplify_to_budget`.
        limit: First sketches of each file to take; ``None`` takes all.
        on_progress: Called with (category, done, total) categories.

    Raises:
        DatasetError: A category has no file, or no sketch is left for training.
    """
    files = [_find_file(root, category) for category in categories]
    path = cache / f"sequences-{_digest(files, max_points, limit)}.npz"
    if not path.is_file():
        sketches: list[Sketch] = []
        keys: list[str] = []
        numbers: list[int] = []
        for i, file in enumerate(files):
            on_progress(categories[i], i, len(files))
            for key, sketch in islice(_read_keyed(file), limit):
                sketches.append(simplify_to_budget(sketch, max_points))
                keys.append(key)
                numbers.append(i)
        _store(path, sketches, [SPLITS.index(split_by_digest(key)) for key in keys], numbers)
    with np.load(path, allow_pickle=False) as file:
        packed = PackedSketches(file["points"], file["stroke_ends"], file["sketch_ends"])
        category, split = file["category"], file["split"]
    return SequenceSet(packed, category, split, tuple(categories), measure_scale(packed, split))


def measure_scale(sketches: PackedSketches, split: Int64[np.ndarray, " sketches"]) -> float:
    """Deviation of all offsets of the training sketches, moves of the lifted pen included.

    Both axes share one number (Ha & Eck 2018, section 3.1). The way to the first point is left
    out: it is where the drawing began, not a step.

    Raises:
        DatasetError: There is no training sketch, or none has two different points.
    """
    offsets = [
        np.diff(np.concatenate(sketches[int(i)].strokes), axis=0)
        for i in np.flatnonzero(split == SPLITS.index("train"))
    ]
    if not offsets or not any(len(rows) for rows in offsets):
        raise DatasetError("no training sketch has two points; take more sketches a category")
    scale = float(np.concatenate(offsets).clip(-MAX_OFFSET, MAX_OFFSET).std(dtype=np.float64))
    if scale == 0:
        raise DatasetError("every training sketch is a single dot, so coordinates have no unit")
    return scale


def _find_file(root: Path, category: str) -> Path:
    for suffix in ("ndjson", "npz"):
        path = root / f"{category}.{suffix}"
        if path.is_file():
            return path
    raise DatasetError(
        f"{root} has no {category}.ndjson or {category}.npz; download the category or drop it"
    )


def _read_keyed(path: Path) -> Iterator[tuple[str, Sketch]]:
    """Sketches that have strokes, each with what its split hangs on."""
    if path.suffix == ".npz":
        for sketch in read_sketches(path):
            if sketch.strokes:
                yield hashlib.blake2b(np.concatenate(sketch.strokes).tobytes()).hexdigest(), sketch
        return
    with path.open(encoding="utf-8") as lines:
        for line, sketch in zip(lines, read_sketches(path), strict=False):
            if sketch.strokes:
                yield str(json.loads(line).get("key_id", line.strip())), sketch


def _store(
    path: Path, sketches: Sequence[Sketch], splits: Sequence[int], numbers: Sequence[int]
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    points, stroke_ends, sketch_ends = flatten(sketches)
    partial = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(
        partial,
        allow_pickle=False,
        points=points,
        stroke_ends=stroke_ends,
        sketch_ends=sketch_ends,
        category=np.array(numbers, dtype=np.int64),
        split=np.array(splits, dtype=np.int64),
    )
    partial.replace(path)


def _digest(files: Sequence[Path], max_points: int, limit: int | None) -> str:
    parts = [FORMAT, str(max_points), str(limit)]
    parts += [f"{file.name} {file.stat().st_size}" for file in files]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
