r"""What a network that scores pairs learns: which pairs belong together, and which comes first.

The first two are the losses of ZSE-SBIR (CVPR 2023), the third is ours to add.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

ALIKE, APART = 0.99, 0.01
"""Targets of the relation score: the released code keeps off 0 and 1, where a sigmoid is flat."""


def relation_loss(
    logit: Float[Tensor, " pairs"], relevant: Bool[Tensor, " pairs"]
) -> Float[Tensor, ""]:
    r"""Mean squared error of the relation score $\sigma(z)$ to 0.99 or 0.01.

    Related and unrelated pairs weigh the same, however many there are of each; the released code
    has as many of both, so that there it is the plain mean.
    """
    low, high = logit.new_tensor(APART), logit.new_tensor(ALIKE)
    error = (logit.sigmoid() - torch.where(relevant, high, low)).square()
    kinds = [error[kind].mean() for kind in (relevant, ~relevant) if kind.any()]
    return torch.stack(kinds).mean()


def distance_triplet_loss(
    anchor: Float[Tensor, "batch dim"],
    positive: Float[Tensor, "batch dim"],
    negative: Float[Tensor, "batch dim"],
    *,
    margin: float,
) -> Float[Tensor, ""]:
    r"""Mean of $\max(0, m + \|a - p\| - \|a - n\|)$, without squares and of rows as they are.

    `losses.triplet.triplet_loss` squares them and is used with unit rows; the margins of the two
    do not compare.
    """
    # A distance of zero has no gradient; the small offset gives it one, as PyTorch's own loss does.
    closer = (anchor - positive + 1e-6).norm(dim=1)
    farther = (anchor - negative + 1e-6).norm(dim=1)
    return torch.relu(margin + closer - farther).mean()


def relation_ranking_loss(
    logit: Float[Tensor, "query candidates"], relevant: Bool[Tensor, "query candidates"]
) -> Float[Tensor, ""]:
    r"""Rank the related candidates of each query before the others.

    $$ L_q = \log \sum_c e^{z_{qc}} - \log \sum_{c \in \mathrm{relevant}(q)} e^{z_{qc}} $$

    Each query has a related candidate. The released code has no such term: it judges every pair
    on its own, and a ranking only follows from it.
    """
    related = logit.masked_fill(~relevant, float("-inf")).logsumexp(1)
    loss: Tensor = (logit.logsumexp(1) - related).mean()
    return loss
