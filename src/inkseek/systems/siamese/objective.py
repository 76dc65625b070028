"""What the siamese encoder learns: the very photo among its peers, its category at large."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inkseek.losses.contrastive import category_loss, instance_loss
from inkseek.losses.triplet import hard_triplet_loss
from inkseek.systems.siamese.config import SiameseConfig


@dataclass(frozen=True, eq=False)
class Objective:
    """The weighted sum and its parts."""

    total: Float[Tensor, ""]
    instance: Float[Tensor, ""]
    category: Float[Tensor, ""]
    triplet: Float[Tensor, ""]


def compute_objective(
    sketch: Float[Tensor, "query dim"],
    photo: Float[Tensor, "query dim"],
    category: Int[Tensor, " query"],
    block: Int[Tensor, " query"],
    config: SiameseConfig,
) -> Objective:
    """Instance loss within blocks, category loss over the batch, triplets within blocks."""
    same_block = (block[:, None] == block[None, :]) & (block[:, None] >= 0)
    peers = same_block & ~torch.eye(len(block), dtype=torch.bool, device=block.device)
    same = category[:, None] == category[None, :]
    instance = instance_loss(sketch, photo, peers=peers, temperature=config.temperature)
    by_category = category_loss(sketch, photo, same=same, temperature=config.temperature)
    triplet = hard_triplet_loss(sketch, photo, peers=peers, margin=config.margin)
    total = (
        config.instance_weight * instance
        + config.category_weight * by_category
        + config.triplet_weight * triplet
    )
    return Objective(total, instance, by_category, triplet)
