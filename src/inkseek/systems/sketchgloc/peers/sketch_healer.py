"""SketchHealer: patches around points of the lines, joined where they lie close.

Su et al., "SketchHealer: A Graph-to-Sequence Network for Recreating Partial Human Sketches", BMVC
2020.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from inkseek.systems.sketchgloc.encoder import Encoded
from inkseek.systems.sketchgloc.peers.drawn import PatchEncoder
from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.read_out import ReadOut, spread

CANVAS_SIZE = 512
PATCH_SIZE = 128

SELF = 0.5
TO_WHOLE = 0.5
TO_NEIGHBOUR = 0.3
NEAR = 0.2
"""Patches are neighbours within this share of the largest distance of two."""


class HealerEncoder(PatchEncoder):
    r"""Patch network, batch norm, $A X W$, sum over nodes, read-out.

    Edges are those that the released training script makes (`spatial_graph`), not the drawing
    order of its other variant. Kernels start by Kaiming's rule; there, a call that would do so is
    commented out.
    """

    def __init__(self, dim: int, code: int, plan: PeerPlan) -> None:
        super().__init__(
            dim, plan, canvas_size=CANVAS_SIZE, patch_size=PATCH_SIZE, linear_end=False
        )
        self.kernel = nn.Linear(dim, dim, bias=False)
        nn.init.kaiming_normal_(self.kernel.weight, nonlinearity="relu")
        self.read_out = ReadOut(dim, code)

    def join(
        self,
        seen: Float[Tensor, "present dim"],
        present: Bool[Tensor, "batch node"],
        centres: Float[Tensor, "batch node 2"],
    ) -> Encoded:
        """Patches take from those that lie close."""
        nodes = spread(self.patch_norm(seen), present)
        edges = spatial_graph(centres, present)
        encoded: Encoded = self.read_out(self.kernel(edges @ nodes).sum(1))
        return encoded


def spatial_graph(
    centres: Float[Tensor, "batch node 2"], present: Bool[Tensor, "batch node"]
) -> Float[Tensor, "batch node node"]:
    """Weights of what a node (row) takes from others; node 0 is the whole sketch.

    A node takes half of itself and half of the whole, and three tenths of each patch within a
    fifth of the largest distance; the whole takes half of itself alone. Rows are not normalised.
    Absent nodes give and take nothing; in the released code the first of them still does.
    """
    patch = present.clone()
    patch[:, 0] = False
    both = patch[:, :, None] & patch[:, None, :]
    distance = (centres[:, :, None] - centres[:, None, :]).norm(dim=-1) * both
    near = both & (distance <= NEAR * distance.amax((1, 2), keepdim=True))
    edges: Tensor = near * TO_NEIGHBOUR
    diagonal = torch.arange(present.shape[1], device=present.device)
    edges[:, diagonal, diagonal] = SELF * present.float()
    edges[:, 1:, 0] = TO_WHOLE * patch[:, 1:].float()
    return edges
