r"""The two losses: find the photo of a sketch, and keep the neighbourhoods of its photo.

Distance is the *mean* squared difference over feature dimensions (``MSELoss`` in Algorithm 1);
with the sum, both margins would mean something else by a factor of the width. Embeddings are not
brought to unit length, of which the paper says nothing.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inkseek.losses.masked import masked_mean
from inkseek.systems.photo_topology.neighbours import (
    comparable_pairs,
    relative_neighbourhood,
    sample_pairs,
)


def mean_squared_distances(
    query: Float[Tensor, "query dim"], photo: Float[Tensor, "photo dim"]
) -> Float[Tensor, "query photo"]:
    """Mean over dimensions of squared differences, for all pairs."""
    # No Gram matrix: its rounding would exceed the margin of embeddings far from the origin.
    return (query[:, None, :] - photo[None, :, :]).square().mean(dim=2)


def retrieval_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    *,
    identity: Int[Tensor, " query"],
    margin: float,
    generator: torch.Generator,
) -> Float[Tensor, ""]:
    r"""Mean of $\max(0, d(s, p^+) - d(s, p^-) + \Delta_{sp})$ (Algorithm 1, line 4).

    Differs from the paper, whose batches hold negatives of their own: $p^-$ is the photo of
    another sketch of the batch, drawn at random, so that a batch costs two images a sketch rather
    than three. A sketch whose own photo is the only one of the batch has none and is left out.

    Args:
        sketch: Embeddings.
        photo: Embeddings; row i is the photo of sketch i.
        identity: Which photo each row is; two sketches may share one.
        margin: Delta_sp, in mean squared difference.
        generator: On the CPU; draws the negatives.
    """
    others = identity[:, None] != identity[None, :]
    has_negative = others.any(dim=1)
    negative = photo[_draw_one(others, generator)]
    closer = (sketch - photo).square().mean(dim=1)
    farther = (sketch - negative).square().mean(dim=1)
    return masked_mean(torch.relu(closer - farther + margin), has_negative)


def topology_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "photo dim"],
    *,
    neighbourhood: Float[Tensor, "query photo photo"],
    kept: Bool[Tensor, "query photo photo"],
    margin: float,
) -> Float[Tensor, ""]:
    r"""Mean of $\max(0, R[a(s), i, j] (d(s, i) - d(s, j)) + \Delta_{NT})$ (Algorithm 1, line 10).

    A sketch shall order photos as its own photo $a(s)$ does in the frozen space. Zero when no
    pair is kept.

    Args:
        sketch: Embeddings.
        photo: Embeddings.
        neighbourhood: R; its row s has the photo of sketch s for anchor.
        kept: Pairs to compare, never one with R = 0, which would add the margin and nothing else.
        margin: Delta_NT, in mean squared difference.
    """
    distances = mean_squared_distances(sketch, photo)
    difference = distances[:, :, None] - distances[:, None, :]
    return masked_mean(torch.relu(neighbourhood * difference + margin), kept)


def sampled_topology_loss(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "photo dim"],
    *,
    reference: Float[Tensor, "query photo"],
    identity: Int[Tensor, " photo"],
    pairs: int,
    margin: float,
    generator: torch.Generator,
) -> Float[Tensor, ""]:
    """`topology_loss` on K random pairs a sketch.

    Args:
        sketch: Embeddings.
        photo: Embeddings of the photos to compare: those of the sketches, and undrawn ones.
        reference: Distances in the frozen space from the photo of each sketch to these photos.
        identity: Which photo each row of ``photo`` is.
        pairs: K; 0 takes all.
        margin: Delta_NT.
        generator: On the CPU; draws the pairs.
    """
    neighbourhood = relative_neighbourhood(reference)
    comparable = comparable_pairs(neighbourhood, identity)
    kept = sample_pairs(comparable, pairs, generator=generator)
    return topology_loss(sketch, photo, neighbourhood=neighbourhood, kept=kept, margin=margin)


def _draw_one(allowed: Bool[Tensor, "query photo"], generator: torch.Generator) -> Tensor:
    """An allowed column of each row, at random; any where none is."""
    scores = torch.rand(allowed.shape, generator=generator).to(allowed.device)
    return scores.masked_fill(~allowed, -1.0).argmax(dim=1)
