r"""Softmax losses over the photos of a batch.

Both take unit rows and cosine similarities $z$ divided by a temperature $T$. They work on the
whole batch at once, so that each sketch meets every photo rather than one sampled negative.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inkseek.losses.masked import masked_mean


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
    return masked_mean(both, has_peer) / 2


def category_loss(
    query: Float[Tensor, "query dim"],
    key: Float[Tensor, "key dim"],
    *,
    same: Bool[Tensor, "query key"],
    temperature: float,
) -> Float[Tensor, ""]:
    r"""Supervised contrastive loss (Khosla et al. 2020, Eq. 2, "out") between two modalities.

    $$ L_q = -\frac{1}{|P(q)|} \sum_{p \in P(q)} \log \frac{e^{z_{qp}/T}}{\sum_g e^{z_{qg}/T}} $$

    with $P(q)$ the keys of the query's category, averaged over queries; each query has one.
    """
    log_prob = (query @ key.T / temperature).log_softmax(1)
    positives = same.to(log_prob.dtype)
    return -((log_prob * positives).sum(1) / positives.sum(1)).mean()


def neighbourhood_loss(
    query: Float[Tensor, "query dim"],
    key: Float[Tensor, "key dim"],
    *,
    reference: Float[Tensor, "query key"],
    temperature: float,
    reference_temperature: float,
) -> Float[Tensor, ""]:
    r"""Keep near what a frozen network holds near.

    $$ L_q = \mathrm{KL}( \mathrm{softmax}(r_q / T_r) \,\|\, \mathrm{softmax}(z_q / T) ) $$

    with $r_{qg}$ the cosine of a frozen network between the photo of query $q$ and photo $g$. The
    query may be the photo itself or its sketch, so that a sketch learns which photos its own photo
    resembles. This is the probabilistic transfer of Passalis and Tefas (2018) with a softmax
    kernel; no paper of the four systems uses it.
    """
    log_prob = (query @ key.T / temperature).log_softmax(1)
    target = (reference / reference_temperature).log_softmax(1)
    divergence: Tensor = (target.exp() * (target - log_prob)).sum(1).mean()
    return divergence


def _diagonal_cross_entropy(logits: Float[Tensor, "query query"]) -> Float[Tensor, " query"]:
    return logits.logsumexp(1) - logits.diagonal()
