"""The learnable tokenizer, and what every trunk hands on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Encoded:
    """Images as tokens.

    Attributes:
        tokens: The retrieval token first, then one a patch.
        places: Patch of each of those, counted row by row; pruning leaves some out.
    """

    tokens: Float[Tensor, "batch tokens dim"]
    places: Int64[Tensor, "batch patches"]

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, rows: slice | Tensor) -> "Encoded":
        return Encoded(self.tokens[rows], self.places[rows])

    @classmethod
    def concatenate(cls, parts: Sequence["Encoded"]) -> "Encoded":
        """Several batches as one."""
        return cls(torch.cat([p.tokens for p in parts]), torch.cat([p.places for p in parts]))


class Tokenizer(nn.Module):
    """Four strided convolutions: pixels to one token for each 16 x 16 of them.

    Without biases, ReLU between: kernels 7, 3, 3, 3, each of stride 2. The released code runs it
    for sketches and photos alike; the paper speaks of sketches alone.
    """

    def __init__(self, dim: int, widths: Sequence[int]) -> None:
        super().__init__()
        first, *others = [*widths, dim]
        layers: list[nn.Module] = [nn.Conv2d(3, first, 7, stride=2, padding=3, bias=False)]
        for before, after in zip(widths, others, strict=True):
            convolution = nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)
            layers += [nn.ReLU(), convolution]
        self.layers = nn.Sequential(*layers)

    def forward(
        self, image: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch patches dim"]:
        """Tokens row by row."""
        tokens: Tensor = self.layers(image).flatten(2).transpose(1, 2)
        return tokens


def all_places(batch: int, patches: int, device: torch.device) -> Int64[Tensor, "batch patches"]:
    """The places of tokens of which none was left out."""
    return torch.arange(patches, device=device).expand(batch, -1)
