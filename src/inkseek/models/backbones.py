"""Backbones by their timm names, with weights from a file, from timm, or at random."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import timm
import torch
from jaxtyping import Float
from safetensors.torch import load_file
from torch import Tensor, nn

from inkseek.errors import ModelError

TRANSFORMERS = ("vit_", "test_vit", "deit")
"""How timm's names of vision transformers begin."""


def create_backbone(
    name: str, *, weights: Path | None, pad_type: str = "", pretrained: bool = False
) -> nn.Module:
    """A timm network without classifier or pooling: image to feature map.

    A vision transformer gives its patch tokens as a map (`TokenMap`) and takes images of any
    side that its patch divides.

    Args:
        name: Any timm name, such as ``mobilenetv2_100``.
        weights: A safetensors file in timm's names, classifier removed.
        pad_type: ``same`` pads strided convolutions as TensorFlow does, for networks that have
            the choice; the MobileNetV2 start weights were trained so.
        pretrained: Download timm's own weights when no file is given.

    Raises:
        ModelError: The name is unknown, or the file does not fit the network.
    """
    options: dict[str, Any] = {"pad_type": pad_type} if pad_type else {}
    if name.startswith(TRANSFORMERS):
        options["dynamic_img_size"] = True
    try:
        network: nn.Module = timm.create_model(
            name,
            pretrained=pretrained and weights is None,
            num_classes=0,
            global_pool="",
            **options,
        )
    except (RuntimeError, TypeError) as error:
        raise ModelError(f"timm cannot make the network {name!r}: {error}") from error
    if hasattr(network, "pre_logits"):
        # VGG keeps two layers of its classifier here, nine tenths of its weights.
        network.pre_logits = nn.Identity()
    if weights is not None:
        if not weights.is_file():
            raise ModelError(f"no start weights at {weights}; set INKSEEK_WEIGHTS to their folder")
        state = {key: value.float() for key, value in load_file(weights).items()}
        missing, unexpected = network.load_state_dict(state, strict=False)
        if unexpected or any(not key.endswith("num_batches_tracked") for key in missing):
            raise ModelError(
                f"{weights} does not fit {name}: missing {missing}, extra {unexpected}"
            )
    return TokenMap(network) if hasattr(network, "num_prefix_tokens") else network


def weights_root() -> Path:
    """The folder of start weights: ``INKSEEK_WEIGHTS``, by default ``../shared/weights``."""
    return Path(os.environ.get("INKSEEK_WEIGHTS", "../shared/weights"))


class TokenMap(nn.Module):
    """A vision transformer whose patch tokens lie on the square they were cut from."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.num_features = num_features_of(network)

    def forward(
        self, image: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Feature map of square images whose side the patch divides; class tokens are left out."""
        prefix: Any = self.network.num_prefix_tokens
        tokens: Tensor = self.network(image)[:, prefix:]
        side = math.isqrt(tokens.shape[1])
        return tokens.transpose(1, 2).reshape(len(image), -1, side, side)


class PixelScale(nn.Module):
    """Values in [-1, 1] to those of zero mean and unit deviation that start weights know."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(
        self, image: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Undo the scale, then apply torchvision's: ((x + 1) / 2 - mean) / std."""
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        scaled: Tensor = (image * 0.5 + 0.5 - mean) / std
        return scaled


class EmbeddingNet(nn.Module):
    """Backbone, global average pool, linear head, unit length: image to embedding.

    Args:
        backbone: Image to feature map.
        num_features: Channels of that map.
        dim: Width of the embedding.
        head: Without one the pooled features are the embedding, as in the SketchyNet paper's
            teachers; `dim` is then their number.
        pixels: What the backbone's start weights want done to values in [-1, 1] first.

    Raises:
        ModelError: There is no head, and `dim` is not the number of features.
    """

    def __init__(
        self,
        backbone: nn.Module,
        num_features: int,
        dim: int,
        *,
        head: bool = True,
        pixels: PixelScale | None = None,
    ) -> None:
        super().__init__()
        if not head and dim != num_features:
            raise ModelError(f"without a head dim must be {num_features}, but is {dim}")
        self.pixels = pixels or nn.Identity()
        self.backbone = backbone
        self.head = nn.Linear(num_features, dim) if head else nn.Identity()

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed images whose values lie in [-1, 1]."""
        features = self.backbone(self.pixels(image))
        embedding: Tensor = self.head(features.mean(dim=(2, 3)))
        # Not F.normalize: its expand keeps the quantiser from inferring shapes.
        unit: Tensor = embedding / embedding.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return unit

    def embed_places(
        self, image: Float[Tensor, "batch 3 height width"]
    ) -> tuple[Float[Tensor, "batch dim"], Float[Tensor, "batch rows columns dim"]]:
        """The embedding, and the part of it that each place of the feature map brings.

        Pooling and head are linear, so the parts of all places add up to the embedding.
        """
        features = self.backbone(self.pixels(image))
        parts = self.head(features.permute(0, 2, 3, 1)) / (features.shape[2] * features.shape[3])
        whole = parts.sum(dim=(1, 2))
        norm = whole.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return whole / norm, parts / norm[:, None, None]


def pixel_scale(mean: Sequence[float], std: Sequence[float]) -> PixelScale | None:
    """The scale of some start weights; ``None`` where it is the project's own, all 0.5."""
    plain = all(value == 0.5 for value in (*mean, *std))
    return None if plain else PixelScale(mean, std)


def freeze_batch_norm(module: nn.Module) -> None:
    """Hold the running statistics of batch norms still; their scale and shift go on learning.

    Sketches and photos share the network but not their statistics, and a batch mixes both.
    """
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d):
            child.eval()


def num_features_of(backbone: nn.Module) -> int:
    """Channels of a timm backbone's last feature map."""
    count = getattr(backbone, "num_features", None)
    if not isinstance(count, int):
        raise ModelError(f"{type(backbone).__name__} does not say how many features it has")
    return count


def count_parameters(module: nn.Module) -> int:
    """All trainable parameters."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def scale_pixels(image: Tensor) -> Float[Tensor, "batch 3 height width"]:
    """Bytes in [0, 255] to the [-1, 1] that the start weights were trained on."""
    return image.to(torch.float32) / 127.5 - 1.0
