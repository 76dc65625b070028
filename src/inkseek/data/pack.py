"""A data set decoded once: photos as one uint8 array, sketches as one flat array of points.

Training reads from memory, so decoding, tracing and parsing are paid once a data set. The pack is
a single ``.npz`` in the cache folder, named after the digest of everything it was made from.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from PIL import Image

from inkseek.data.pairs import EDGES, PairSet, PhotoRef, SketchRef
from inkseek.data.sketch_files import holds_many, read_all
from inkseek.errors import DatasetError
from inkseek.raster.draw import flatten
from inkseek.raster.photo import decode_photo, fit_square
from inkseek.strokes.readers import read_sketch
from inkseek.strokes.sketch import Sketch
from inkseek.strokes.trace import trace_edges

EDGES_SIZE = 144
"""Side in pixels at which the edges of a photo are traced when they stand for a sketch."""


@dataclass(frozen=True, eq=False)
class PackedSketches:
    """Sketches in one array each for points and ends, as `raster.draw.flatten` makes them."""

    points: Float32[np.ndarray, "points 2"]
    stroke_ends: Int64[np.ndarray, " strokes"]
    sketch_ends: Int64[np.ndarray, " sketches"]
    canvas_size: float = 256.0

    def __len__(self) -> int:
        return len(self.sketch_ends)

    def __getitem__(self, index: int) -> Sketch:
        begin = int(self.sketch_ends[index - 1]) if index else 0
        ends = self.stroke_ends[begin : self.sketch_ends[index]]
        if not len(ends):
            return Sketch((), self.canvas_size)
        first = int(self.stroke_ends[begin - 1]) if begin else 0
        strokes = np.split(self.points[first : ends[-1]], ends[:-1] - first)
        return Sketch(tuple(strokes), self.canvas_size)


@dataclass(frozen=True, eq=False)
class PackedSet:
    """A `PairSet` with its pixels and strokes.

    Attributes:
        pairs: What each row is.
        photos: Square photos, aspect kept, on white.
        sketches: One a `pairs.sketches`.
        edges: Pseudo-sketch of each photo: its strongest edges, traced.
    """

    pairs: PairSet
    photos: UInt8[np.ndarray, "photos side side 3"]
    sketches: PackedSketches
    edges: PackedSketches


def pack(
    pairs: PairSet,
    cache: Path,
    *,
    photo_size: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> PackedSet:
    """Load a pack from ``cache``, or make it.

    Args:
        pairs: The data set.
        cache: Folder of packs; made when missing.
        photo_size: Side in pixels of the stored photos.
        on_progress: Called with (done, total) photos and sketches while a pack is made.
    """
    path = cache / f"{Path(pairs.name).name}-{photo_size}-{digest(pairs)}.npz"
    if not path.is_file():
        total = len(pairs.photos) + len(pairs.sketches)
        photos = np.empty((len(pairs.photos), photo_size, photo_size, 3), dtype=np.uint8)
        edges = []
        for i, photo in enumerate(pairs.photos):
            pixels = decode_photo(photo.path).pixels
            photos[i] = fit_square(pixels, photo_size)
            edges.append(trace_edges(np.asarray(Image.fromarray(photos[i]).convert("L"))))
            on_progress(i + 1, total)
        sketches = []
        for i, sketch in enumerate(_load_sketches(pairs.sketches)):
            sketches.append(sketch)
            on_progress(len(pairs.photos) + i + 1, total)
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.npz")
        columns = {"photos": photos} | _columns("sketch", sketches) | _columns("edge", edges)
        np.savez(partial, allow_pickle=False, **columns)
        partial.replace(path)
    with np.load(path, allow_pickle=False) as file:
        return PackedSet(
            pairs, file["photos"], _read_columns("sketch", file), _read_columns("edge", file)
        )


def _load_sketches(refs: Sequence[SketchRef]) -> Iterator[Sketch]:
    """Load in order; a file that holds many sketches is parsed once."""
    opened: Path | None = None
    many: list[Sketch] = []
    for ref in refs:
        if ref.line == EDGES:
            pixels = fit_square(decode_photo(ref.path).pixels, EDGES_SIZE)
            yield trace_edges(np.asarray(Image.fromarray(pixels).convert("L")))
        elif holds_many(ref.path):
            if ref.path != opened:
                opened, many = ref.path, read_all(ref.path)
            if ref.line >= len(many):
                raise DatasetError(
                    f"{ref.path} has {len(many)} sketches, but line {ref.line} is asked"
                )
            yield many[ref.line]
        else:
            yield read_sketch(ref.path)


def _columns(name: str, sketches: Sequence[Sketch]) -> dict[str, np.ndarray]:
    points, stroke_ends, sketch_ends = flatten(sketches)
    return {f"{name}_points": points, f"{name}_strokes": stroke_ends, f"{name}_ends": sketch_ends}


def _read_columns(name: str, file: "np.lib.npyio.NpzFile") -> PackedSketches:
    return PackedSketches(file[f"{name}_points"], file[f"{name}_strokes"], file[f"{name}_ends"])


def digest(pairs: PairSet) -> str:
    """A short name of what a data set holds; paths count by their last part."""
    refs: list[PhotoRef | SketchRef] = [*pairs.photos, *pairs.sketches]
    rows = [asdict(ref) | {"path": ref.path.name} for ref in refs]
    return hashlib.blake2b(json.dumps(rows).encode(), digest_size=6).hexdigest()
