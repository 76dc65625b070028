r"""The triplet loss of fine-grained retrieval.

``distance`` is the squared Euclidean distance of unit vectors, in [0, 4], as the SketchyNet paper
writes it (section 3, Eq. 1). Code of that lineage uses the distance without the square; the two
margins are not equivalent.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inkseek.losses.masked import masked_mean


def triplet_loss(
    anchor: Float[Tensor, "batch dim"],
    positive: Float[Tensor, "batch dim"],
    negative: Float[Tensor, "batch dim"],
    *,
    margin: float,
) -> Float[Tensor, ""]:
    r"""Mean of $\max(0, m + \delta(a, p) - \delta(a, n))$ with squared distance (Eq. 1)."""
    closer = (anchor - positive).square().sum(1)
    farther = (anchor - negative).square().sum(1)
    return torch.relu(margin + closer - farther).mean()


def hard_triplet_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    *,
    peers: Bool[Tensor, "query query"],
    margin: float,
) -> Float[Tensor, ""]:
    r"""Eq. 1 against every violating negative of the batch, averaged over those that violate.

    Differs from the paper, which draws one random negative a sketch: most random negatives are
    already beyond the margin and teach nothing.

    Args:
        sketch: Unit rows.
        photo: Unit rows; row $i$ is the photo of sketch $i$.
        peers: Which photos may be negatives of which sketch; the photo itself never is.
        margin: $m$ in units of squared distance.

    Returns:
        A scalar, zero when no negative lies within the margin.
    """
    distance = 2.0 - 2.0 * sketch @ photo.T
    violation = torch.relu(margin + distance.diagonal()[:, None] - distance)
    return masked_mean(violation, peers & (violation > 0))
