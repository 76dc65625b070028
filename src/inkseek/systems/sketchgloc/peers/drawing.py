"""Strokes to pixels and patches, for encoders that look at a sketch instead of reading it.

The strokes are those that SketchGloc reads, so every encoder is told the same. A sketch is fitted
to its canvas: where it lay and how large it was is lost, as in the papers.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH, draw_batch
from inkseek.strokes.geometry import fit, join_points
from inkseek.strokes.sketch import Sketch

PAPER = 255
"""Byte of an empty pixel."""


@dataclass(frozen=True, eq=False)
class PatchBatch:
    """Patches of a batch; node 0 of a sketch is the whole of it.

    Attributes:
        images: Bytes of the nodes that exist, sketch by sketch.
        present: Which nodes those are.
        centres: Of the patches, in shares of the canvas; zero for node 0 and absent nodes.
    """

    images: UInt8[np.ndarray, "present side side"]
    present: Bool[np.ndarray, "batch nodes"]
    centres: Float32[np.ndarray, "batch nodes 2"]


def place(points: Tensor, lengths: Tensor, canvas_size: int) -> list[Sketch]:
    """Sketches of a batch of nodes (`graphs.NodeBatch`), fitted to a canvas."""
    return [
        fit(
            Sketch(tuple(stroke[:n] for stroke, n in zip(one, counts, strict=True) if n), 1.0),
            float(canvas_size),
            DEFAULT_MARGIN,
        )
        for one, counts in zip(points.cpu().numpy(), lengths.cpu().numpy(), strict=True)
    ]


def draw_placed(
    sketches: list[Sketch], canvas_size: int
) -> UInt8[np.ndarray, "batch canvas_size canvas_size"]:
    """Black on white, with lines of a pixel at least; sketches are placed already."""
    width = max(DEFAULT_PEN_WIDTH, 1 / canvas_size)
    return np.asarray(draw_batch(sketches, canvas_size, pen_width=width, placed=True))


def cut_patches(
    sketches: list[Sketch], canvas_size: int, patch_size: int, *, every: int, limit: int
) -> PatchBatch:
    """The whole sketch at the size of a patch, then patches around every ``every``-th point.

    Patches reach over the border of the canvas, where it is empty (Su et al. 2020, section 3.1).

    Args:
        sketches: Placed on a canvas of ``canvas_size``.
        canvas_size: Side of the canvas that patches are cut from, in pixels.
        patch_size: Side of a patch in pixels.
        every: Points from one centre to the next.
        limit: Patches at most.
    """
    centres = [join_points(sketch)[::every][:limit] for sketch in sketches]
    num_nodes = 1 + max(len(rows) for rows in centres)
    present = np.arange(num_nodes) <= np.array([[len(rows)] for rows in centres])
    places = np.zeros((len(sketches), num_nodes, 2), dtype=np.float32)
    for i, rows in enumerate(centres):
        places[i, 1 : 1 + len(rows)] = rows
    half = patch_size // 2
    whole = draw_placed(sketches, canvas_size)
    padded = np.pad(whole, ((0, 0), (half, half), (half, half)), constant_values=PAPER)
    windows = sliding_window_view(padded, (patch_size, patch_size), axis=(1, 2))
    corner: Int64[np.ndarray, "batch nodes 2"] = np.clip(places.round(), 0, canvas_size).astype(
        np.int64
    )
    images = windows[np.arange(len(sketches))[:, None], corner[..., 1], corner[..., 0]]
    # A fancy index makes a copy, so writing into it leaves the windows alone.
    images[:, 0] = draw_batch(sketches, patch_size)
    return PatchBatch(images[present], present, places / np.float32(canvas_size))
