"""What the siamese encoder learns: the very photo among its peers, its category at large."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inkseek.losses.contrastive import category_loss, instance_loss, neighbourhood_loss
from inkseek.losses.triplet import hard_triplet_loss
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.memory import Memory


@dataclass(frozen=True, eq=False)
class Objective:
    """The weighted sum and its parts."""

    total: Float[Tensor, ""]
    instance: Float[Tensor, ""]
    category: Float[Tensor, ""]
    triplet: Float[Tensor, ""]
    neighbourhood: Float[Tensor, ""]


def compute_objective(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    category: Int[Tensor, " query"],
    block: Int[Tensor, " query"],
    reference: Float[Tensor, "query features"],
    memory: Memory,
    config: SiameseConfig,
) -> Objective:
    """Instance and triplet losses within blocks, category loss over the batch and the memory.

    Args:
        sketch: Unit rows.
        photo: Unit rows, the photos of the sketches.
        category: Numbers of categories.
        block: Rows of one block are peers; ``-1`` has none.
        reference: Unit features of the photos by the frozen network; no columns without one.
        memory: Embeddings of earlier batches.
        config: Weights, temperatures and the margin.
    """
    same_block = (block[:, None] == block[None, :]) & (block[:, None] >= 0)
    peers = same_block & ~torch.eye(len(block), dtype=torch.bool, device=block.device)
    instance = instance_loss(sketch, photo, peers=peers, temperature=config.temperature)
    triplet = hard_triplet_loss(sketch, photo, peers=peers, margin=config.margin)
    photos, sketches = torch.cat([photo, memory.photo]), torch.cat([sketch, memory.sketch])
    same = category[:, None] == torch.cat([category, memory.category])[None, :]
    by_category = 0.5 * (
        category_loss(sketch, photos, same=same, temperature=config.temperature)
        + category_loss(photo, sketches, same=same, temperature=config.temperature)
    )
    neighbourhood = sketch.new_zeros(())
    if reference.shape[1]:
        near = reference @ reference.T
        for query in (sketch, photo):
            neighbourhood = neighbourhood + 0.5 * neighbourhood_loss(
                query,
                photo,
                reference=near,
                temperature=config.temperature,
                reference_temperature=config.reference_temperature,
            )
    total = (
        config.instance_weight * instance
        + config.category_weight * by_category
        + config.triplet_weight * triplet
        + config.neighbourhood_weight * neighbourhood
    )
    return Objective(total, instance, by_category, triplet, neighbourhood)
