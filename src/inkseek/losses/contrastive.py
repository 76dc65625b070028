r"""Softmax losses over the photos of a batch.

Both take unit rows and cosine similarities $z$ divided by a temperature $T$. They work on the
whole batch at once, so that each sketch meets every photo rather than one sampled negative.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def instance_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    *,
    peers: Bool[Tensor, "query query"],
    temperature: float,
) -> Float[Tensor, ""]:
    r"""Symmetric InfoNCE (van den Oord et al. 2018, Eq. 4) among photos hard to tell apart.

    $$ L_q = -\log \frac{e^{z_{qq}/T}}
        {e^{z_{qq}/T} + \sum_{n \in \mathrm{peers}(q)} e^{z_{qn}/T}} $$

    averaged over sketches that have a peer, and over both directions.

    Args:
        sketch: Unit rows.
        photo: Unit rows; row $i$ is the very photo of sketch $i$.
        peers: Symmetric; which photos are negatives of which sketch. False on the diagonal.
        temperature: $T > 0$.
    """
    logits = sketch @ photo.T / temperature
    allowed = peers | torch.eye(len(peers), dtype=torch.bool, device=peers.device)
    logits = logits.masked_fill(~allowed, float("-inf"))
    both = _diagonal_cross_entropy(logits) + _diagonal_cross_entropy(logits.T)
    has_peer = peers.any(1)
    return torch.where(has_peer, both, 0.0).sum() / (2 * has_peer.sum().clamp(min=1))


def category_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    *,
    same: Bool[Tensor, "query query"],
    temperature: float,
) -> Float[Tensor, ""]:
    r"""Supervised contrastive loss (Khosla et al. 2020, Eq. 2, "out") between the two modalities.

    $$ L_q = -\frac{1}{|P(q)|} \sum_{p \in P(q)} \log \frac{e^{z_{qp}/T}}{\sum_g e^{z_{qg}/T}} $$

    with $P(q)$ the photos of the query's category, averaged over queries and both directions.
    """
    logits = sketch @ photo.T / temperature
    positives = same.to(logits.dtype)
    total = logits.new_zeros(())
    for scores, weights in ((logits, positives), (logits.T, positives.T)):
        log_prob = scores.log_softmax(1)
        total = total - ((log_prob * weights).sum(1) / weights.sum(1)).mean()
    return total / 2


def _diagonal_cross_entropy(logits: Float[Tensor, "query query"]) -> Float[Tensor, " query"]:
    return logits.logsumexp(1) - logits.diagonal()
