"""Drawn shapes whose photos are the filled shapes: small, and learnt in seconds."""

from pathlib import Path

import numpy as np
import pytest

from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.raster.draw import draw, flatten
from inkseek.strokes.sketch import Sketch


def polygon(corners, turn, squash):
    angle = np.linspace(0, 2 * np.pi, corners + 1) + turn
    points = np.stack([np.cos(angle), squash * np.sin(angle)], axis=1) * 100 + 128
    return Sketch((points.astype(np.float32),), 256.0)


@pytest.fixture(scope="session")
def shapes() -> PackedSet:
    """Sixteen shapes, two sketches each."""
    outlines = [polygon(3 + i % 4, i // 4 * 0.4, 0.4 + 0.15 * (i // 4)) for i in range(16)]
    photos, sketches, refs = [], [], []
    for i, outline in enumerate(outlines):
        ink = draw(outline, 40, pen_width=0.25)
        colour = np.float32([0.3 + 0.04 * i, 0.5, 0.9 - 0.05 * i])
        photos.append((255 - (255 - ink[..., None]) * colour).astype(np.uint8))
        sketches += [outline, outline]
        refs += [SketchRef(Path(), 0, "shape", "train", i)] * 2
    pairs = PairSet(
        "shapes",
        tuple(PhotoRef(Path(), "shape", "train", "shapes") for _ in outlines),
        tuple(refs),
    )
    packed = PackedSketches(*flatten(sketches))
    edges = PackedSketches(*flatten(outlines))
    return PackedSet(pairs, np.stack(photos), packed, edges)
