"""Triangles, squares and circles: three categories that a small network tells apart."""

import numpy as np
import pytest

from inkseek.data.pack import PackedSketches
from inkseek.data.sequences import SequenceSet, measure_scale
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.config import RecogniserConfig

CORNERS = {"triangle": 3, "square": 4, "circle": 24}


def polygon(corners, generator):
    angle = np.linspace(0, 2 * np.pi, corners + 1) + generator.uniform(-0.2, 0.2)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 90 + 128
    return Sketch((points.astype(np.float32),), 256.0)


@pytest.fixture(scope="session")
def polygons() -> SequenceSet:
    """Sixty sketches to learn from and fifteen of each other split."""
    generator = np.random.default_rng(0)
    category = np.arange(90) % len(CORNERS)
    corners = tuple(CORNERS.values())
    packed = PackedSketches(*flatten([polygon(corners[i], generator) for i in category]))
    split = np.repeat([0, 1, 2], [60, 15, 15])
    return SequenceSet(packed, category, split, tuple(CORNERS), measure_scale(packed, split))


@pytest.fixture
def tiny() -> RecogniserConfig:
    """An eighth of the width, at nearly the smallest canvas."""
    return RecogniserConfig(
        name="tiny",
        source="nowhere",
        categories=tuple(CORNERS),
        canvas_size=84,
        width=0.125,
        steps=6,
        batch_size=12,
        learning_rate=3e-3,
        warmup=5,
        ema_decay=0.8,
        validate_every=4,
        save_every=3,
    )
