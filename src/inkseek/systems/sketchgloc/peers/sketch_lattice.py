"""SketchLattice: points where lines of a lattice meet the drawing, joined where they lie close.

Qi et al., "SketchLattice: Latticed Representation for Sketch Manipulation", ICCV 2021.
"""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor, nn

from inkseek.models.recurrent import dropout_masks
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.encoder import Encoded
from inkseek.systems.sketchgloc.peers.drawing import PAPER, draw_placed
from inkseek.systems.sketchgloc.peers.drawn import DrawnEncoder
from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.read_out import ReadOut

CANVAS_SIZE = 256

NEAREST = 0.8
"""Smallest weight of an edge."""

KEEP = 0.9
"""Share that the block's dropout keeps."""

NUM_LAYERS = 2
"""Of the residual block, each a pair of linear maps."""


class LatticeEncoder(DrawnEncoder):
    """Embedded places, one exchange among neighbours, a residual block, sum, read-out.

    In the released code the block's weights are never registered, so they are random again after
    every load, its second layer is the first once more, and coordinate 0 is taken for padding.
    Here they are trained, differ, and absent nodes are masked.
    """

    def __init__(self, dim: int, code: int, plan: PeerPlan) -> None:
        super().__init__(plan.canvas_size or CANVAS_SIZE)
        self.plan = plan
        self.embed_x = nn.Embedding(self.canvas_size, dim // 2)
        self.embed_y = nn.Embedding(self.canvas_size, dim - dim // 2)
        self.wide, self.narrow = (
            nn.ModuleList(nn.Linear(*sizes, bias=False) for _ in range(NUM_LAYERS))
            for sizes in ((dim, dim // 2 * 3), (dim // 2 * 3, dim))
        )
        self.read_out = ReadOut(dim, code)

    def see(self, sketches: list[Sketch], generator: torch.Generator | None) -> Encoded:
        """Lay the lattice over the drawing and join its crossings."""
        images = draw_placed(sketches, self.canvas_size)
        crossings, present = find_crossings(images, self.plan.num_lines, self.plan.max_nodes)
        places, exist = (torch.from_numpy(rows).to(self.device) for rows in (crossings, present))
        return self.join(places, exist, generator)

    def join(
        self,
        crossings: Int64[Tensor, "batch node 2"],
        present: Bool[Tensor, "batch node"],
        generator: torch.Generator | None = None,
    ) -> Encoded:
        """Encode crossings; a generator switches the block's dropout on."""
        nodes = torch.cat([self.embed_x(crossings[..., 0]), self.embed_y(crossings[..., 1])], -1)
        nodes = proximity(crossings, present, self.canvas_size) @ (nodes * present[..., None])
        hidden = nodes
        for wide, narrow in zip(self.wide, self.narrow, strict=True):
            hidden = F.relu(wide(hidden))
            mask = dropout_masks(tuple(hidden.shape), KEEP, generator)
            hidden = F.relu(narrow(hidden if mask is None else hidden * mask))
        encoded: Encoded = self.read_out(((nodes + hidden) * present[..., None]).sum(1))
        return encoded


def find_crossings(
    images: UInt8[np.ndarray, "batch side side"], num_lines: int, max_nodes: int
) -> tuple[Int64[np.ndarray, "batch nodes 2"], Bool[np.ndarray, "batch nodes"]]:
    """First ink pixel (x, y) of each run along the lines of a lattice, and which nodes exist.

    Lines lie in the middle of equal strips, rows and columns alike. Of more than ``max_nodes``
    crossings an even choice is kept; the released code fails there.
    """
    ink = images < PAPER // 2
    lines = ((np.arange(num_lines) + 0.5) * (ink.shape[1] / num_lines)).astype(np.int64)
    found = []
    for one in ink:
        row, x = np.nonzero(_run_starts(one[lines]))
        column, y = np.nonzero(_run_starts(one[:, lines].T))
        # A pixel that begins a run both ways is one place.
        pairs = [np.stack([x, lines[row]], axis=1), np.stack([lines[column], y], axis=1)]
        places = np.unique(np.concatenate(pairs), axis=0)
        if len(places) > max_nodes:
            places = places[np.linspace(0, len(places) - 1, max_nodes).astype(np.int64)]
        found.append(places)
    counts = np.array([len(places) for places in found])
    present = np.arange(max(1, counts.max())) < counts[:, None]
    crossings = np.zeros((*present.shape, 2), dtype=np.int64)
    crossings[present] = np.concatenate(found)
    return crossings, present


def proximity(
    crossings: Int64[Tensor, "batch node 2"], present: Bool[Tensor, "batch node"], side: int
) -> Float[Tensor, "batch node node"]:
    r"""$A + I$ with $A_{ij} = 1 - d_{ij} / (\sqrt 2 (s - 1))$ where that is at least 0.8."""
    places = crossings.float()
    distance = (places[:, :, None] - places[:, None, :]).norm(dim=-1)
    weight: Tensor = 1 - distance / (2**0.5 * (side - 1))
    both = present[:, :, None] & present[:, None, :]
    own = torch.eye(present.shape[1], device=places.device)
    edges: Tensor = (weight * (weight >= NEAREST) + own) * both
    return edges


def _run_starts(ink: Bool[np.ndarray, "lines side"]) -> Bool[np.ndarray, "lines side"]:
    before = np.zeros_like(ink)
    before[:, 1:] = ink[:, :-1]
    return np.asarray(ink & ~before)
