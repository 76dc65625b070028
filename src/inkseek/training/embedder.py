"""A torch network as a function from pixels to rows, for measuring it."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import nn

from inkseek.models.backbones import scale_pixels

Embed = Callable[[UInt8[np.ndarray, "batch _side _side 3"]], Float32[np.ndarray, "batch dim"]]


def torch_embedder(network: nn.Module) -> Embed:
    """The network as a function of RGB bytes, in evaluation mode and full precision."""

    def embed(
        images: UInt8[np.ndarray, "batch _side _side 3"],
    ) -> Float32[np.ndarray, "batch dim"]:
        was_training = network.training
        network.eval()
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Float32[np.ndarray, "batch dim"] = network(pixels).float().numpy()
        network.train(was_training)
        return rows

    return embed
