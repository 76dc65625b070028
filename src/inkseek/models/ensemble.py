"""Several encoders as one: their embeddings side by side."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Ensemble(nn.Module):
    """Unit rows of every member next to each other, at unit length again.

    The cosine of two such rows is the mean of the members' cosines, so distances to a teacher of
    this kind are distances to the average opinion.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed images whose values lie in [-1, 1]; the width is the sum of the members'."""
        rows: Tensor = torch.cat([member(image) for member in self.members], dim=1)
        rows = rows / len(self.members) ** 0.5
        return rows
