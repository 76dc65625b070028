"""The small sibling's trunk: tokens from an ImageNet convnet, so that a CPU can train it.

What differs from the published trunk (`vit.py`): the patch embedding is the last feature map of a
convnet (stride 32), projected and enlarged to one token for each 16 x 16 pixels, plus a projection
of the map of stride 16; it is averaged with the same learnable tokenizer, narrower. The retrieval
token starts as a learned vector plus the mean of the projected last map, which is the embedding
of the convnet, rather than as the vector alone. Few self-attention blocks follow, since the convnet
has already mixed what lies near; nothing is pruned.
"""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn.functional import interpolate

from inkseek.errors import ModelError, RecipeError
from inkseek.models.backbones import create_backbone, num_features_of, weights_root
from inkseek.systems.zse.config import PATCH, NetworkConfig
from inkseek.systems.zse.tokenizer import Encoded, Tokenizer, all_places
from inkseek.training.trained import load_trained


class ConvnetTrunk(nn.Module):
    """Two feature maps of a convnet and the tokenizer to tokens."""

    def __init__(self, config: NetworkConfig, *, load: bool = True) -> None:
        super().__init__()
        weights = weights_root() / config.weights if config.weights and load else None
        self.backbone = create_backbone(
            config.backbone,
            weights=weights,
            pad_type=config.pad_type,
            pretrained=load and config.pretrained,
        )
        self.head = nn.Linear(num_features_of(self.backbone), config.dim)
        if config.start is not None and load:
            _start_from(config, self.backbone, self.head)
        self.stage, channels = find_stage(self.backbone, config.backbone)
        self.lateral = nn.Conv2d(channels, config.dim, 1)
        # The scales of feature maps differ by network; the tokenizer's and the positions' do not.
        self.patch_norm = nn.LayerNorm(config.dim)
        self.tokenizer = Tokenizer(config.dim, config.tokenizer_widths)
        self.retrieval = nn.Parameter(torch.zeros(1, 1, config.dim))
        self.positions = nn.Parameter(torch.empty(1, config.grid**2, config.dim))
        nn.init.trunc_normal_(self.positions, std=0.02)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.Sequential(
            *(
                Block(
                    config.dim,
                    config.heads,
                    mlp_ratio=config.mlp_ratio,
                    qkv_bias=True,
                    proj_drop=config.dropout,
                )
                for _ in range(config.depth)
            )
        )
        _start_as_identity(self.blocks)
        self.norm = nn.LayerNorm(config.dim)
        self.is_frozen = False

    def freeze_backbone(self) -> None:
        """Hold the backbone as it is from here on."""
        self.backbone.requires_grad_(False)
        self.is_frozen = True

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Encoded:
        """Encode images whose values lie in [-1, 1]."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.is_frozen):
            last, fine = self.feature_maps(image)
        deep = self.head(last.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        enlarged = interpolate(deep, fine.shape[2:], mode="bilinear", align_corners=False)
        patches = self.patch_norm((enlarged + self.lateral(fine)).flatten(2).transpose(1, 2))
        patches = (patches + self.tokenizer(image)) / 2 + self.positions
        retrieval = self.retrieval + deep.mean(dim=(2, 3))[:, None]
        tokens = self.norm(self.blocks(self.dropout(torch.cat([retrieval, patches], dim=1))))
        return Encoded(tokens, all_places(len(image), patches.shape[1], image.device))

    def feature_maps(
        self, image: Float[Tensor, "batch 3 height width"]
    ) -> tuple[
        Float[Tensor, "batch features last_rows last_columns"],
        Float[Tensor, "batch channels rows columns"],
    ]:
        """The last feature map, and that of stride 16."""
        backbone: Any = self.backbone
        last, (fine,) = backbone.forward_intermediates(image, indices=[self.stage])
        return last, fine


def _start_as_identity(blocks: nn.Sequential) -> None:
    """Let each block add nothing at first, so that the retrieval token starts as the embedding."""
    for block in blocks:
        part: Any = block
        for last in (part.attn.proj, part.mlp.fc2):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)


def find_stage(backbone: nn.Module, name: str) -> tuple[int, int]:
    """Which of a timm network's stages has stride 16, and its channels."""
    info: Any = getattr(backbone, "feature_info", [])
    for i, stage in enumerate(info):
        if stage["reduction"] == PATCH:
            return i, int(stage["num_chs"])
    raise ModelError(
        f"{name} has no feature map of stride {PATCH}; take a convnet such as those of "
        "timm's EfficientNet family"
    )


def _start_from(config: NetworkConfig, backbone: nn.Module, head: nn.Linear) -> None:
    origin = load_trained(Path(str(config.start)))
    if origin.backbone != config.backbone:
        raise RecipeError(
            f"{config.start} holds {origin.backbone}, but the trunk is {config.backbone}"
        )
    backbone.load_state_dict(origin.network.backbone.state_dict())
    if origin.dim == config.dim:
        head.load_state_dict(origin.network.head.state_dict())
