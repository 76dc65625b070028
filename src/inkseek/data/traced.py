"""Sketches drawn to pixels and traced back: what a raster-only copy of a set would give.

Raster sets (PNG sketches) are traced when they are packed (`data.pack`); this asks what that
costs, on sketches whose strokes are known. Tracing is paid once, as packing is.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from inkseek.data.pack import PackedSet, PackedSketches, digest
from inkseek.raster.draw import draw, flatten
from inkseek.strokes.sketch import Sketch
from inkseek.strokes.trace import trace

TRACED_SIZE = 256
"""Side in pixels at which the published raster sets come."""


def load_traced(
    packed: PackedSet,
    rows: Sequence[int],
    cache: Path,
    *,
    size: int = TRACED_SIZE,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> PackedSketches:
    """Some sketches of a set, each drawn at `size` pixels and traced, in the order of `rows`.

    Args:
        packed: The set.
        rows: Which of its sketches.
        cache: Folder where the result is kept, named after set, rows and size.
        size: Side of the drawings.
        on_progress: Called with (done, total) sketches while they are traced.

    Raises:
        SketchFormatError: A sketch is blank.
    """
    chosen = hashlib.blake2b(np.asarray(rows, dtype=np.int64).tobytes(), digest_size=4).hexdigest()
    name = Path(packed.pairs.name).name
    path = cache / f"{name}-traced-{size}-{digest(packed.pairs)}-{chosen}.npz"
    if not path.is_file():
        traced = []
        for done, row in enumerate(rows):
            traced.append(redraw(packed.sketches[int(row)], size))
            on_progress(done + 1, len(rows))
        points, stroke_ends, sketch_ends = flatten(traced)
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, points=points, stroke_ends=stroke_ends, sketch_ends=sketch_ends)
        partial.replace(path)
    with np.load(path, allow_pickle=False) as file:
        return PackedSketches(
            file["points"], file["stroke_ends"], file["sketch_ends"], canvas_size=float(size)
        )


def redraw(sketch: Sketch, size: int = TRACED_SIZE) -> Sketch:
    """A sketch by its pixels alone.

    Raises:
        SketchFormatError: It is blank.
    """
    return trace(draw(sketch, size))
