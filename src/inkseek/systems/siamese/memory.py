"""Embeddings of earlier batches, as more photos for a sketch to be told from."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Memory:
    """The last rows seen, without gradients (cross-batch memory, Wang et al. 2020, section 3).

    A network changes little over a few steps, so its embeddings of some batches ago still serve.
    """

    sketch: Float[Tensor, "row dim"]
    photo: Float[Tensor, "row dim"]
    category: Int[Tensor, " row"]

    @classmethod
    def empty(cls, dim: int) -> "Memory":
        """A memory of nothing."""
        rows = torch.empty(0, dim)
        return cls(rows, rows, torch.empty(0, dtype=torch.int64))

    def push(
        self,
        sketch: Float[Tensor, "query dim"],
        photo: Float[Tensor, "query dim"],
        category: Int[Tensor, " query"],
        *,
        limit: int,
    ) -> "Memory":
        """The newest ``limit`` rows, those of this batch included."""
        return Memory(
            torch.cat([sketch.detach(), self.sketch.to(sketch.device)])[:limit],
            torch.cat([photo.detach(), self.photo.to(photo.device)])[:limit],
            torch.cat([category, self.category.to(category.device)])[:limit],
        )
