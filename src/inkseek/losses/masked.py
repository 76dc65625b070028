"""Means over some entries of a tensor."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def masked_mean(values: Float[Tensor, "*shape"], kept: Bool[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Mean of the entries that are kept; zero when there is none.

    Entries that are not kept get no gradient, even where they are infinite.
    """
    return torch.where(kept, values, 0.0).sum() / kept.sum().clamp(min=1)
