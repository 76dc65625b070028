"""Backbones by their timm names, with weights from a file, from timm, or at random."""

import os
from pathlib import Path
from typing import Any

import timm
import torch
from jaxtyping import Float
from safetensors.torch import load_file
from torch import Tensor, nn

from inkseek.errors import ModelError


def create_backbone(
    name: str, *, weights: Path | None, pad_type: str = "", pretrained: bool = False
) -> nn.Module:
    """A timm network without classifier or pooling: image to feature map.

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
    try:
        network: nn.Module = timm.create_model(
            name,
            pretrained=pretrained and weights is None,
            num_classes=0,
            global_pool="",
            **options,
        )
    except RuntimeError as error:
        raise ModelError(f"timm has no network {name!r}: {error}") from error
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
    return network


def weights_root() -> Path:
    """The folder of start weights: ``INKSEEK_WEIGHTS``, by default ``../shared/weights``."""
    return Path(os.environ.get("INKSEEK_WEIGHTS", "../shared/weights"))


class EmbeddingNet(nn.Module):
    """Backbone, global average pool, linear head, unit length: image to embedding."""

    def __init__(self, backbone: nn.Module, num_features: int, dim: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(num_features, dim)

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed images whose values lie in [-1, 1]."""
        features = self.backbone(image)
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
        features = self.backbone(image)
        parts = self.head(features.permute(0, 2, 3, 1)) / (features.shape[2] * features.shape[3])
        whole = parts.sum(dim=(1, 2))
        norm = whole.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return whole / norm, parts / norm[:, None, None]


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
