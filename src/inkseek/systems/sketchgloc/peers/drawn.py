"""Encoders that look at the drawing of a sketch instead of reading its strokes."""

from abc import ABC, abstractmethod

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.encoder import Encoded
from inkseek.systems.sketchgloc.peers.drawing import cut_patches, place
from inkseek.systems.sketchgloc.peers.patch_net import PatchNet
from inkseek.systems.sketchgloc.peers.plan import PeerPlan


class DrawnEncoder(nn.Module, ABC):
    """Strokes are placed on a canvas and looked at; their relations are not used.

    Attributes:
        canvas_size: Side of the canvas in pixels.
    """

    def __init__(self, canvas_size: int) -> None:
        super().__init__()
        self.canvas_size = canvas_size

    def forward(
        self,
        points: Float[Tensor, "batch node length 2"],
        lengths: Tensor,
        localisation: Tensor,
        generator: torch.Generator | None = None,
    ) -> Encoded:
        """Encode a batch as `graphs.NodeBatch` holds it; a generator switches dropout on."""
        return self.see(place(points, lengths, self.canvas_size), generator)

    @property
    def device(self) -> torch.device:
        """Where its weights are, and so where what is drawn must go."""
        return next(self.parameters()).device

    @abstractmethod
    def see(self, sketches: list[Sketch], generator: torch.Generator | None) -> Encoded:
        """Encode sketches that are placed on the canvas already."""


class PatchEncoder(DrawnEncoder):
    """A graph of patches that one network sees, node 0 being the whole sketch.

    Args:
        dim: Numbers that say what a patch looks like.
        plan: Sizes of a recipe.
        canvas_size: The paper's, for a plan without one.
        patch_size: The paper's, for a plan without one.
        linear_end: As `PatchNet` has it.
    """

    def __init__(
        self, dim: int, plan: PeerPlan, *, canvas_size: int, patch_size: int, linear_end: bool
    ) -> None:
        super().__init__(plan.canvas_size or canvas_size)
        self.plan = plan
        self.patch_size = plan.patch_size or patch_size
        self.patches = PatchNet(self.patch_size, dim, linear_end=linear_end)
        self.patch_norm = nn.BatchNorm1d(dim, eps=1e-5, momentum=0.1)

    def see(self, sketches: list[Sketch], generator: torch.Generator | None) -> Encoded:
        """Cut patches and join what is seen in them; nothing here is random."""
        batch = cut_patches(
            sketches,
            self.canvas_size,
            self.patch_size,
            every=self.plan.patch_every,
            limit=self.plan.num_patches,
        )
        images, present, centres = (
            torch.from_numpy(rows).to(self.device)
            for rows in (batch.images, batch.present, batch.centres)
        )
        return self.join(self.patches(images), present, centres)

    @abstractmethod
    def join(
        self,
        seen: Float[Tensor, "present dim"],
        present: Bool[Tensor, "batch node"],
        centres: Float[Tensor, "batch node 2"],
    ) -> Encoded:
        """Encode what the patch network said of the nodes that exist (`drawing.PatchBatch`)."""
