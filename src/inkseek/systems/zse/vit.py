"""The published trunk: a ViT whose patch embedding is averaged with the learnable tokenizer."""

import math
from pathlib import Path
from typing import Any

import timm
import torch
from jaxtyping import Float, Int64
from safetensors.torch import load_file
from torch import Tensor, nn

from inkseek.errors import ModelError
from inkseek.models.backbones import weights_root
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.tokenizer import Encoded, Tokenizer, all_places


class VitTrunk(nn.Module):
    """Patches to tokens through self-attention; the class token is the retrieval token."""

    def __init__(self, config: NetworkConfig, *, load: bool = True) -> None:
        super().__init__()
        self.vit = create_vit(config, load=load)
        self.tokenizer = Tokenizer(config.dim, config.tokenizer_widths)
        self.keep_rates = config.keep_rates

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Encoded:
        """Encode images whose values lie in [-1, 1]."""
        vit: Any = self.vit
        tokens = (vit.patch_embed(image) + self.tokenizer(image)) / 2
        places = all_places(len(tokens), tokens.shape[1], tokens.device)
        tokens = vit.norm_pre(vit._pos_embed(tokens))
        for block, rate in zip(
            vit.blocks, self.keep_rates or (1.0,) * len(vit.blocks), strict=True
        ):
            if rate < 1.0:
                tokens, places = attend_and_prune(block, tokens, places, rate)
            else:
                tokens = block(tokens)
        return Encoded(vit.norm(tokens), places)


def attend_and_prune(
    block: nn.Module,
    tokens: Float[Tensor, "batch tokens dim"],
    places: Int64[Tensor, "batch patches"],
    rate: float,
) -> tuple[Float[Tensor, "batch kept dim"], Int64[Tensor, "batch kept_patches"]]:
    """One block of a ViT that drops the patches which its class token attends to least.

    After EViT (Liang et al. 2022, section 3.2), without its fused token: attention over all,
    then the share ``rate`` of patches of the highest attention, averaged over heads, goes on in
    its old order. The released code hands the block's normalised *input* on at this point instead
    of what attention made of it.
    """
    part: Any = block
    normed = part.norm1(tokens)
    weight = attention_of_class(part.attn, normed)
    tokens = tokens + part.drop_path1(part.ls1(part.attn(normed)))
    kept = weight.topk(math.ceil(rate * weight.shape[1]), dim=1).indices.sort(dim=1).values
    index = kept[:, :, None].expand(-1, -1, tokens.shape[2])
    tokens = torch.cat([tokens[:, :1], tokens[:, 1:].gather(1, index)], dim=1)
    tokens = tokens + part.drop_path2(part.ls2(part.mlp(part.norm2(tokens))))
    return tokens, places.gather(1, kept)


def attention_of_class(
    attention: nn.Module, normed: Float[Tensor, "batch tokens dim"]
) -> Float[Tensor, "batch patches"]:
    """What the class token gathers from each patch, averaged over heads."""
    part: Any = attention
    query, key, _ = part.qkv(normed).unflatten(2, (3, part.num_heads, -1)).permute(2, 0, 3, 1, 4)
    query, key = part.q_norm(query), part.k_norm(key)
    weight: Tensor = (query[:, :, :1] @ key.transpose(2, 3) * part.scale).softmax(dim=-1)
    return weight[:, :, 0, 1:].mean(dim=1)


def create_vit(config: NetworkConfig, *, load: bool = True) -> nn.Module:
    """A timm ViT by name, its weights from a file, from timm, or at random.

    Raises:
        ModelError: The name is unknown or no such ViT, or the file does not fit.
    """
    try:
        vit: nn.Module = timm.create_model(
            config.backbone,
            pretrained=load and config.pretrained and config.weights is None,
            num_classes=0,
            global_pool="",
            img_size=config.image_size,
            embed_dim=config.dim,
            depth=config.depth,
            num_heads=config.heads,
            mlp_ratio=config.mlp_ratio,
            pos_drop_rate=config.dropout,
            proj_drop_rate=config.dropout,
        )
    except (RuntimeError, TypeError) as error:
        raise ModelError(f"timm has no ViT {config.backbone!r} of this shape: {error}") from error
    if load and config.weights is not None:
        # A name in the folder of start weights, or a path, which the join leaves as it is.
        _load_file(vit, weights_root() / config.weights)
    return vit


def _load_file(vit: nn.Module, path: Path) -> None:
    if not path.is_file():
        raise ModelError(f"no start weights at {path}; give a path or set INKSEEK_WEIGHTS")
    if path.suffix == ".safetensors":
        state = load_file(path)
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
    wanted = {k: v.float() for k, v in state.items() if not k.startswith("head.")}
    try:
        vit.load_state_dict(wanted)
    except RuntimeError as error:
        text = " ".join(str(error).split())[:300]
        raise ModelError(f"{path} does not fit the ViT of the recipe: {text}") from error
