"""The convolutional network that SketchHealer and SP-gra2seq see patches with."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn


class PatchNet(nn.Module):
    """Convolutions 2 x 2 of stride 2 down to a map of 2 x 2, then its maximum.

    Each layer is half as wide as the next, the first a quarter: 8, 32, 64, 128, 256, 512 for
    patches of 128 pixels, 698,376 parameters. With ``linear_end`` one more layer follows, as wide
    as the last and without ReLU: SP-gra2seq's network for patches of 256.
    """

    def __init__(self, patch_size: int, dim: int, *, linear_end: bool = False) -> None:
        super().__init__()
        num_layers = patch_size.bit_length() - 2
        num_rising = num_layers - 1 if linear_end else num_layers
        widths = [max(1, dim >> (num_rising - 1 - i)) for i in range(num_rising)]
        widths[0] = max(1, widths[0] // 2) if num_rising > 1 else widths[0]
        widths += [dim] * (num_layers - num_rising)
        layers: list[nn.Module] = []
        for entry, width in zip([1, *widths[:-1]], widths, strict=True):
            layers += [nn.Conv2d(entry, width, 2, stride=2), nn.ReLU()]
        if linear_end:
            layers.pop()
        self.layers = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten())
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, images: UInt8[Tensor, "patch side side"]) -> Float[Tensor, "patch dim"]:
        """One row a patch of black-on-white bytes."""
        rows: Tensor = self.layers(1 - images[:, None].to(torch.float32) / 255)
        return rows
