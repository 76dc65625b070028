"""Sketch-a-Net (Yu et al., "Sketch-a-Net that Beats Humans", BMVC 2015, table 1).

Large first kernels, since a sketch has lines but no texture. At its own size of 225 pixels the
layers are (side of the map in brackets): 64 @ 15 x 15 stride 3 [71], pool 3/2 [35], 128 @ 5 x 5
[31], pool [15], three of 256 @ 3 x 3 padded [15], pool [7], 512 @ 7 x 7 [1], 512, categories.
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from inkseek.errors import ModelError

SMALLEST_CANVAS = 81
"""Below it the last pooling has no map to pool."""

CANVAS_SIZE = 225


class SketchANet(nn.Module):
    """Rasters of sketches to scores of categories.

    One channel of ink, as in the second version of the network, instead of the first version's six
    stages of drawing. At a smaller canvas the sixth layer is as large as the map that reaches it;
    ``width`` scales the channels of all hidden layers. 8,508,666 parameters at 225 pixels with
    250 categories; up to its sixth layer this is the trunk of Triplet-SN, 8,117,760.
    """

    def __init__(
        self,
        num_categories: int,
        *,
        canvas_size: int = CANVAS_SIZE,
        width: float = 1.0,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if canvas_size < SMALLEST_CANVAS:
            raise ModelError(
                f"canvas_size is {canvas_size}, but Sketch-a-Net's poolings need "
                f"{SMALLEST_CANVAS} pixels"
            )
        first, second, third, last = (max(1, round(n * width)) for n in (64, 128, 256, 512))
        self.features = nn.Sequential(
            nn.Conv2d(1, first, 15, stride=3),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(first, second, 5),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(second, third, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(third, third, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(third, third, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
        )
        self.head = nn.Sequential(
            nn.Conv2d(third, last, map_size(canvas_size)),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(last, last, 1),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(last, num_categories),
        )
        for layer in (*self.features, *self.head):
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(
        self, image: UInt8[Tensor, "batch height width"]
    ) -> Float[Tensor, "batch categories"]:
        """Scores before the softmax of black-on-white bytes."""
        ink = 1 - image[:, None].to(torch.float32) / 255
        scores: Tensor = self.head(self.features(ink))
        return scores


def map_size(canvas_size: int) -> int:
    """Side of the map that reaches the sixth layer."""
    size = (canvas_size - 15) // 3 + 1
    size = _pool(size) - 4
    return _pool(_pool(size))


def _pool(size: int) -> int:
    return (size - 3) // 2 + 1
