r"""The relation network: local matches of a pair to one number (ZSE-SBIR, CVPR 2023).

Its input is the matrix of cosines between $n$ anchors of the sketch and $n$ of the photo; three
linear layers of widths $n^2$, $n^{3/2}$, $n$, 1 judge it: 840,792 parameters for 49 anchors.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkseek.systems.zse.config import NetworkConfig


class RelationNetwork(nn.Module):
    """A matrix of cosines to the logit of the relation score."""

    def __init__(self, anchors: int, dropout: float) -> None:
        super().__init__()
        hidden = round(anchors**1.5)
        self.layers = nn.Sequential(
            nn.Linear(anchors**2, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, anchors),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(anchors, 1),
        )

    def forward(self, cosines: Float[Tensor, "pairs anchors anchors"]) -> Float[Tensor, " pairs"]:
        """The score itself is the sigmoid of this; ranking by the logit saves it from rounding."""
        logit: Tensor = self.layers(cosines.flatten(1))
        return logit[:, 0]


class Anchors(nn.Module):
    """Patch tokens to the anchors that are compared: one for each 2 x 2, or all of them."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.scrambled = config.compat_scrambled_view
        self.convolution = (
            nn.Conv2d(config.dim, config.anchor_dim, 2, stride=2) if config.downsamples else None
        )

    def forward(
        self, patches: Float[Tensor, "pairs patches dim"]
    ) -> Float[Tensor, "pairs anchors anchor_dim"]:
        """Anchors row by row.

        Tokens are transposed before they are laid out as a map. The released code leaves that out,
        so that each value of its map mixes channels and places; its weights need
        ``compat_scrambled_view``, and nothing can be explained by them.
        """
        if self.convolution is None:
            return patches
        shape = (len(patches), patches.shape[2], self.grid, self.grid)
        laid = patches if self.scrambled else patches.transpose(1, 2)
        anchors: Tensor = self.convolution(laid.reshape(shape)).flatten(2).transpose(1, 2)
        return anchors


def cosine_matrix(
    sketch: Float[Tensor, "pairs anchors dim"], photo: Float[Tensor, "pairs anchors dim"]
) -> Float[Tensor, "pairs anchors anchors"]:
    """Cosine of each sketch anchor (row) with each photo anchor; 0 for an anchor of zeros."""
    sketch = sketch / sketch.norm(dim=2, keepdim=True).clamp_min(1e-6)
    photo = photo / photo.norm(dim=2, keepdim=True).clamp_min(1e-6)
    return torch.matmul(sketch, photo.transpose(1, 2))
