"""A head that keeps what matters of unprojected features: their principal axes."""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkseek.models.backbones import EmbeddingNet


def principal_axes(
    features: Float[Tensor, "rows features"], dim: int
) -> Float[Tensor, "dim features"]:
    """The `dim` orthonormal directions that keep most of the rows' inner products.

    Of the rows as they are, not of their deviations from the mean: the right singular vectors, so
    that no projection of this width changes the inner products less (Eckart & Young 1936).

    Raises:
        ValueError: There are fewer rows, or fewer features, than directions asked for.
    """
    if dim > min(features.shape):
        raise ValueError(f"{dim} axes cannot be had of a {tuple(features.shape)} matrix")
    axes: Tensor = torch.linalg.svd(features.double(), full_matrices=False).Vh
    return axes[:dim].to(features.dtype)


@torch.no_grad()
def set_principal_head(
    network: EmbeddingNet, images: Iterable[Float[Tensor, "batch 3 height width"]]
) -> None:
    """Start a network's linear head from the principal axes of its pooled features.

    A head that starts at random undoes what the features know of categories that training does not
    show; this one keeps their cosines as far as its width goes.

    Args:
        network: Its head is set; nothing else changes.
        images: What the axes are of, values in [-1, 1]; of any side, more images than axes.

    Raises:
        ValueError: The network has no linear head, or there are too few images.
    """
    if not isinstance(network.head, nn.Linear):
        raise ValueError("a network without a linear head has nothing to set")
    was_training = network.training
    network.eval()
    rows = [network.backbone(network.pixels(batch)).float().mean((2, 3)) for batch in images]
    network.train(was_training)
    unit = torch.nn.functional.normalize(torch.cat(rows))
    network.head.weight.copy_(principal_axes(unit, network.head.out_features))
    network.head.bias.zero_()
