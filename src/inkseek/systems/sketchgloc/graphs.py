"""A sketch as a graph: strokes are nodes, and edges say where one stroke lies from another.

The relation of an ordered pair (i, j) is a 3 x 3 grid around the bounding box of stroke i: left
of it, within, right of it, by below, within, above. Nine numbers say which cells the box of
stroke j touches, so they survive shifts and scaling of the sketch, and most small displacements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64

from inkseek.data.sequences import Points, Strokes
from inkseek.errors import DatasetError

NUM_CELLS = 9
CENTRE = 4
"""Cell 3 * xcell + ycell of a box that lies within; a stroke's relation to itself."""

Boxes = Float32[np.ndarray, "batch nodes 4"]


@dataclass(frozen=True, eq=False)
class NodeBatch:
    """The encoder's input.

    Attributes:
        points: Absolute places; zero past the length of a node.
        lengths: Points of each node; zero where there is none.
        localisation: `localise` of their boxes, as numbers.
    """

    points: Float32[np.ndarray, "batch nodes points 2"]
    lengths: Int64[np.ndarray, "batch nodes"]
    localisation: Float32[np.ndarray, "batch nodes nodes 9"]


def cut_strokes(strokes: Strokes, max_points: int) -> list[Points]:
    """Nodes of a sketch: strokes, those with more than ``max_points`` points cut into pieces.

    No point is lost, unlike in the released code, whose pieces drop every (L+1)-th.
    """
    if max_points < 1:
        raise DatasetError(f"max_points is {max_points}, but a node has at least one point")
    return [
        stroke[begin : begin + max_points]
        for stroke in strokes
        for begin in range(0, len(stroke), max_points)
    ]


def localise(boxes: Boxes, present: Bool[np.ndarray, "batch nodes"]) -> Bool[np.ndarray, "..."]:
    """Which of the nine cells around box i the outline of box j touches: (batch, i, j, cell).

    The corners of box j fall into cells; those on the border of the rectangle that these span are
    marked, so that a stroke all around another marks eight cells but not the centre. An edge on
    an edge counts as within. With ``cell = 3 * xcell + ycell``, ``xcell`` is 0 for smaller x.

    Args:
        boxes: Smallest x, smallest y, largest x, largest y.
        present: False where there is no node; such rows and columns are all zero.
    """
    low, high = boxes[..., :2], boxes[..., 2:]
    # Axes: batch, i, j, x or y.
    first = _find_cell(low[:, None], low[:, :, None], high[:, :, None])
    last = _find_cell(high[:, None], low[:, :, None], high[:, :, None])
    cells = np.arange(3)
    within = (first[..., None] <= cells) & (cells <= last[..., None])
    end = (first[..., None] == cells) | (cells == last[..., None])
    within_x, within_y = within[..., 0, :, None], within[..., 1, None, :]
    end_x, end_y = end[..., 0, :, None], end[..., 1, None, :]
    touched = within_x & within_y & (end_x | end_y)
    both = present[:, :, None] & present[:, None, :]
    return np.asarray(touched.reshape(*both.shape, NUM_CELLS) & both[..., None])


def build_nodes(sketches: Sequence[Strokes], *, max_points: int, max_nodes: int) -> NodeBatch:
    """Cut, bound and pad a batch; nodes past the first ``max_nodes`` of a sketch are left out."""
    nodes = [cut_strokes(strokes, max_points)[:max_nodes] for strokes in sketches]
    if not all(nodes):
        raise DatasetError("a sketch without strokes has no graph; draw something first")
    num_nodes = max(len(pieces) for pieces in nodes)
    length = max(len(piece) for pieces in nodes for piece in pieces)
    points = np.zeros((len(nodes), num_nodes, length, 2), dtype=np.float32)
    lengths = np.zeros((len(nodes), num_nodes), dtype=np.int64)
    boxes = np.zeros((len(nodes), num_nodes, 4), dtype=np.float32)
    for b, pieces in enumerate(nodes):
        for m, piece in enumerate(pieces):
            points[b, m, : len(piece)] = piece
            lengths[b, m] = len(piece)
            boxes[b, m] = *piece.min(axis=0), *piece.max(axis=0)
    return NodeBatch(points, lengths, localise(boxes, lengths > 0).astype(np.float32))


def _find_cell(
    value: Float32[np.ndarray, "..."],
    low: Float32[np.ndarray, "..."],
    high: Float32[np.ndarray, "..."],
) -> Int64[np.ndarray, "..."]:
    return np.where(value < low, 0, np.where(value > high, 2, 1))
