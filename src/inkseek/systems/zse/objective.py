"""The published loss, and the terms that the small sibling adds."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import normalize

from inkseek.losses.contrastive import category_loss, neighbourhood_loss
from inkseek.losses.relation import distance_triplet_loss, relation_loss, relation_ranking_loss
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import Match
from inkseek.systems.zse.pairing import Pairs


@dataclass(frozen=True, eq=False)
class Objective:
    """The weighted sum and its parts; a part of weight zero is zero."""

    total: Float[Tensor, ""]
    triplet: Float[Tensor, ""]
    relation: Float[Tensor, ""]
    ranking: Float[Tensor, ""]
    retrieval: Float[Tensor, ""]
    neighbourhood: Float[Tensor, ""]


def match_objective(
    match: Match, pairs: Pairs, config: ZseConfig
) -> tuple[Float[Tensor, ""], Float[Tensor, ""], Float[Tensor, ""]]:
    """Triplet, relation and ranking loss of the pairs of a batch.

    The triplet loss takes retrieval tokens *after* cross-attention, not of unit length, as the
    released code does: the anchor as it met its positive photo.
    """
    triplet = distance_triplet_loss(
        match.sketch[pairs.positive],
        match.photo[pairs.positive],
        match.photo[pairs.negative],
        margin=config.margin,
    )
    relation = relation_loss(match.logit, pairs.relevant)
    ranking = relation.new_zeros(())
    if config.ranking_weight and pairs.candidates:
        shape = (-1, pairs.candidates)
        ranking = relation_ranking_loss(match.logit.reshape(shape), pairs.relevant.reshape(shape))
    return triplet, relation, ranking


def retrieval_objective(
    sketch: Float[Tensor, "sketches dim"],
    photo: Float[Tensor, "photos dim"],
    same: Bool[Tensor, "sketches photos"],
    reference: Float[Tensor, "photos features"],
    config: ZseConfig,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Category and neighbourhood loss of retrieval tokens before cross-attention (both ours).

    Args:
        sketch: Retrieval tokens; the first half and the second half are of the categories of the
            first half of the photos, in order.
        photo: Retrieval tokens.
        same: Whether sketch and photo are of one category; each sketch has a photo.
        reference: Unit features of the photos by a frozen network; no columns without one.
        config: Weights and temperatures.
    """
    sketch, photo = normalize(sketch), normalize(photo)
    category = neighbourhood = sketch.new_zeros(())
    if config.retrieval_weight:
        category = category_loss(sketch, photo, same=same, temperature=config.temperature)
        asked = same.any(0)
        category = 0.5 * category + 0.5 * category_loss(
            photo[asked], sketch, same=same.T[asked], temperature=config.temperature
        )
    if config.neighbourhood_weight:
        near = reference @ reference.T
        own = near[: len(sketch) // 2].repeat(2, 1)
        for query, target in ((sketch, own), (photo, near)):
            neighbourhood = neighbourhood + 0.5 * neighbourhood_loss(
                query,
                photo,
                reference=target,
                temperature=config.temperature,
                reference_temperature=config.reference_temperature,
            )
    return category, neighbourhood


def add_up(
    by_match: tuple[Float[Tensor, ""], Float[Tensor, ""], Float[Tensor, ""]],
    by_token: tuple[Float[Tensor, ""], Float[Tensor, ""]],
    config: ZseConfig,
) -> Objective:
    """The weighted sum of both groups of losses."""
    weights = (
        config.triplet_weight,
        config.relation_weight,
        config.ranking_weight,
        config.retrieval_weight,
        config.neighbourhood_weight,
    )
    parts = torch.stack([*by_match, *by_token])
    return Objective((parts * parts.new_tensor(weights)).sum(), *parts.unbind())
