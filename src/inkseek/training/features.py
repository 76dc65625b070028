"""What a frozen network says of every photo of a data set, computed once."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from inkseek.data.pack import PackedSet, digest
from inkseek.models.backbones import create_backbone, scale_pixels, weights_root
from inkseek.raster.photo import fit_square

Features = Float32[np.ndarray, "photos features"]

CHUNK = 32


def store_array(path: Path, array: np.ndarray) -> None:
    """Write an ``.npy`` file in one move, so that no other process reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.npy")
    np.save(unfinished, array)
    unfinished.replace(path)


def load_references(
    sets: Sequence[PackedSet], cache: Path, *, backbone: str | None, size: int
) -> list[Features]:
    """What a frozen network says of the photos of each set; no columns where ``None`` is asked."""
    if backbone is None:
        return [np.empty((len(s.photos), 0), dtype=np.float32) for s in sets]
    return [load_features(s, cache, backbone=backbone, size=size) for s in sets]


def load_features(
    packed: PackedSet,
    cache: Path,
    *,
    backbone: str,
    size: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Features:
    """Pooled features of all photos, centred over the set and of unit length.

    Args:
        packed: Its photos are scaled from the packed size.
        cache: Folder where the features are kept, named after the set, the network and the size.
        backbone: timm name with start weights of that name in ``INKSEEK_WEIGHTS``.
        size: Side in pixels at which the network sees the photos.
        on_progress: Called with (done, total) photos.
    """
    name = f"{Path(packed.pairs.name).name}-{backbone}-{size}-{digest(packed.pairs)}.npy"
    path = cache / name
    if not path.is_file():
        network = create_backbone(backbone, weights=weights_root() / f"{backbone}.safetensors")
        network.eval().to(memory_format=torch.channels_last)
        rows = []
        total = len(packed.photos)
        with torch.no_grad():
            for i in range(0, total, CHUNK):
                photos = np.stack([fit_square(p, size) for p in packed.photos[i : i + CHUNK]])
                pixels = scale_pixels(torch.from_numpy(photos).permute(0, 3, 1, 2))
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    tokens = network(pixels)
                rows.append(tokens.float().mean(dim=(2, 3)).numpy())
                on_progress(min(i + CHUNK, total), total)
        stacked = np.concatenate(rows) if rows else np.empty((0, 1), dtype=np.float32)
        store_array(path, stacked.astype(np.float16))
    features: Features = np.load(path, allow_pickle=False).astype(np.float32)
    features -= features.mean(axis=0) if len(features) else 0.0
    features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return features
