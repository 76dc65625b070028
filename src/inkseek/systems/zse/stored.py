"""Tokens of many views of the training images, computed once by a trunk that is held still.

They are kept beside the other caches, in half precision: ``zse-tokens-DIGEST.safetensors``, where
the digest is of the trunk's weights and of all that says which views there are.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float16, Int64
from safetensors.torch import load_file, save_file
from torch import Tensor

from inkseek.data.pack import PackedSet, digest
from inkseek.data.sampler import Row
from inkseek.data.views import make_views
from inkseek.models.backbones import scale_pixels
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import CHUNK
from inkseek.systems.zse.sampler import ItemSampler, Listed
from inkseek.training.recipe import to_tree


@dataclass(frozen=True, eq=False)
class StoredTokens:
    """Tokens of views of sketches and of photos, each with the number of its category."""

    sketch: Float16[Tensor, "sketches tokens dim"]
    photo: Float16[Tensor, "photos tokens dim"]
    sketch_category: Int64[Tensor, " sketches"]
    photo_category: Int64[Tensor, " photos"]


def load_stored(
    network: ZseNetwork,
    config: ZseConfig,
    sets: Sequence[PackedSet],
    absent: frozenset[str],
    cache: Path,
) -> StoredTokens:
    """The tokens of ``config.stored`` views of sketches and of photos, from the cache if there.

    Raises:
        RecipeError: Fewer than two categories have a training sketch and a training photo.
    """
    path = cache / f"zse-tokens-{_digest(network, config, sets, absent)}.safetensors"
    if not path.is_file():
        stored = encode_views(network, config, sets, absent)
        unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(dict(vars(stored)), unfinished)
        unfinished.replace(path)
    return StoredTokens(**load_file(path))


def encode_views(
    network: ZseNetwork, config: ZseConfig, sets: Sequence[PackedSet], absent: frozenset[str]
) -> StoredTokens:
    """Draw, crop and encode the views, as many of each data set as of another."""
    generator = np.random.default_rng([config.seed, config.stored])
    sampler = ItemSampler([s.pairs for s in sets], absent)
    sketches = _in_turns(sampler.list_sketches(), config.stored, generator)
    photos = _in_turns(sampler.list_photos(), config.stored, generator)
    rows = [
        Row(s, i, u, j, False, c, -1) for (s, i, c), (u, j, _) in zip(sketches, photos, strict=True)
    ]
    size, parts = network.config.image_size, []
    network.eval()
    for begin in range(0, len(rows), CHUNK):
        chunk = rows[begin : begin + CHUNK]
        views = make_views(chunk, sets, (size,), size, config.views, generator)
        sketch = torch.from_numpy(views.sketches[size])[:, None].expand(-1, 3, -1, -1)
        pixels = torch.cat([sketch, torch.from_numpy(views.photo).permute(0, 3, 1, 2)])
        # In bfloat16, as the trunk was trained.
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            images = scale_pixels(pixels).contiguous(memory_format=torch.channels_last)
            parts.append(network(images).tokens.half().chunk(2))
    return StoredTokens(
        torch.cat([sketch for sketch, _ in parts]),
        torch.cat([photo for _, photo in parts]),
        torch.tensor([category for *_, category in sketches]),
        torch.tensor([category for *_, category in photos]),
    )


def _in_turns(listed: Sequence[Listed], count: int, generator: np.random.Generator) -> list[Listed]:
    """So many of them: all of a data set before one of it comes again, and the sets by turns."""
    by_set = [[item for item in listed if item[0] == s] for s in sorted({s for s, *_ in listed})]
    orders = []
    for items in by_set:
        rounds = -(-count // len(items))
        orders.append([items[i] for _ in range(rounds) for i in generator.permutation(len(items))])
    return [orders[n % len(orders)][n // len(orders)] for n in range(count)]


def _digest(
    network: ZseNetwork, config: ZseConfig, sets: Sequence[PackedSet], absent: frozenset[str]
) -> str:
    state = hashlib.blake2b(digest_size=6)
    for name, weight in network.trunk.state_dict().items():
        state.update(name.encode())
        state.update(weight.contiguous().numpy().tobytes())
    says = [to_tree(config.views), config.stored, config.seed, config.photo_size, sorted(absent)]
    state.update(repr([*says, *(digest(s.pairs) for s in sets)]).encode())
    return state.hexdigest()
