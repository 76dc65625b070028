"""Small networks, and shape families as categories: outlines as sketches, fills as photos."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.network import ZseNetwork

VIT = {
    "backbone": "vit_base_patch16_224",
    "image_size": 64,
    "dim": 32,
    "depth": 2,
    "heads": 4,
    "mlp_ratio": 2.0,
    "tokenizer_widths": (4, 8, 16),
    "cross_heads": 4,
    "cross_hidden": 32,
    "anchors": 4,
    "anchor_dim": 16,
}
CONVNET = {**VIT, "trunk": "convnet", "backbone": "mobilenetv2_035", "depth": 1, "pad_type": "same"}

POLYGONS = (
    [(-1, -0.3), (1, -0.3), (1, 0.3), (-1, 0.3)],
    [(-0.3, -1), (0.3, -1), (0.3, 1), (-0.3, 1)],
    [(-1, 0.6), (0.6, -1), (1, -0.6), (-0.6, 1)],
    [(-1, -0.6), (-0.6, -1), (1, 0.6), (0.6, 1)],
    [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    [(0, -1), (1, 1), (-1, 1)],
    [(0, 1), (1, -1), (-1, -1)],
    [(-1, -1), (-0.4, -1), (-0.4, 0.4), (1, 0.4), (1, 1), (-1, 1)],
    [(1, -1), (0.4, -1), (0.4, 0.4), (-1, 0.4), (-1, 1), (1, 1)],
    [(-1, -1), (1, -1), (1, -0.4), (-0.4, -0.4), (-0.4, 1), (-1, 1)],
    [(-1, -1), (1, -1), (1, -0.4), (0.3, -0.4), (0.3, 1), (-0.3, 1), (-0.3, -0.4), (-1, -0.4)],
)
FAMILIES = tuple(f"family {i}" for i in range(len(POLYGONS)))
DRAWN, UNDRAWN = 4, 4


@pytest.fixture(scope="session")
def make_config():
    """A small network of either trunk, with changes."""

    def make(trunk="vit", **changes):
        return NetworkConfig(**{**(VIT if trunk == "vit" else CONVNET), **changes})

    return make


@pytest.fixture
def vit(make_config):
    torch.manual_seed(0)
    return ZseNetwork(make_config()).eval()


def outline(family, generator):
    """A wobbly polygon of the family."""
    corners = np.array(POLYGONS[family], dtype=np.float64)
    corners = corners + generator.uniform(-0.08, 0.08, corners.shape)
    closed = np.concatenate([corners, corners[:1]]) * 100 * generator.uniform(0.9, 1.0, 2)
    return Sketch((closed.astype(np.float32) + 128,), 256.0)


def fill(sketch, generator):
    """The outline filled with stripes of some colour on a background of another."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (64, 64), 0)
    points = [(float(x) / 4, float(y) / 4) for x, y in sketch.strokes[0]]
    ImageDraw.Draw(image).polygon(points, fill=255)
    inside = np.asarray(image)[..., None] > 0
    stripes = np.sin(np.arange(64) * generator.uniform(0.5, 1.5))[:, None, None] * 20
    colours = generator.uniform(0, 110, 3), generator.uniform(150, 235, 3)
    return np.where(inside, colours[0] + stripes, colours[1]).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def families() -> PackedSet:
    """Eleven shape families under the name of a data set with zero-shot tasks."""
    generator = np.random.default_rng(0)
    photos, refs, sketches, drawn = [], [], [], []
    for number, name in enumerate(FAMILIES):
        for i in range(DRAWN + UNDRAWN):
            shape = outline(number, generator)
            split = "train" if i < DRAWN else None
            if split:
                for _ in range(2):
                    drawn.append(SketchRef(Path(), 0, name, "train", len(photos)))
                    sketches.append(shape)
            photos.append(fill(shape, generator))
            refs.append(PhotoRef(Path(f"{name}-{i}"), name, split, f"sketchy/{name}"))
    pairs = PairSet("sketchy-mini", tuple(refs), tuple(drawn))
    packed = PackedSketches(*flatten(sketches))
    return PackedSet(pairs, np.stack(photos), packed, packed)
