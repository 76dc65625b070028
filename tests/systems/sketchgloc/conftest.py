"""Circles, squares and triangles in fixed layouts: small sketches with strokes in their places."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.data.pack import PackedSketches
from inkseek.data.sequences import SequenceSet, measure_scale
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import EpochStream, find_limits
from inkseek.systems.sketchgloc.disturb import AugmentPlan
from inkseek.systems.sketchgloc.module import clip_each
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.systems.sketchgloc.trained import TrainedModel, encode_strokes

CIRCLE, SQUARE, TRIANGLE = 7, 4, 3
LAYOUTS = {
    "row": ((CIRCLE, 0, 0), (SQUARE, 90, 0), (TRIANGLE, 180, 0)),
    "tower": ((SQUARE, 0, 0), (TRIANGLE, 0, 90), (CIRCLE, 0, 180)),
    "corner": ((TRIANGLE, 0, 0), (CIRCLE, 120, 0), (SQUARE, 0, 120)),
}


def polygon(corners, centre, radius):
    angle = np.linspace(0, 2 * np.pi, corners + 1)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius + centre
    return points.astype(np.float32)


def draw_layout(name, generator):
    wobble = generator.normal(0, 2, (3, 2))
    strokes = [
        polygon(corners, np.add((x, y), off), 30 + generator.normal())
        for (corners, x, y), off in zip(LAYOUTS[name], wobble, strict=True)
    ]
    return Sketch(tuple(strokes), 256.0)


@pytest.fixture(scope="session")
def layouts() -> SequenceSet:
    """Two hundred training sketches and ten of the other splits."""
    generator = np.random.default_rng(0)
    category = np.arange(220) % len(LAYOUTS)
    names = tuple(LAYOUTS)
    packed = PackedSketches(*flatten([draw_layout(names[i], generator) for i in category]))
    split = np.repeat([0, 1, 2], [200, 10, 10])
    return SequenceSet(packed, category, split, names, measure_scale(packed, split))


@pytest.fixture(scope="session")
def tiny() -> SketchGlocConfig:
    """A network that learns the layouts in seconds."""
    return SketchGlocConfig(
        name="tiny",
        source="nowhere",
        categories=tuple(LAYOUTS),
        max_seq_len=20,
        augment=AugmentPlan(stretch=0.0, drop=0.0, placement=0.0),
        enc_rnn_size=16,
        z_size=8,
        dec_model="lstm",
        dec_rnn_size=48,
        hyper_num_units=8,
        hyper_embedding_size=4,
        num_mixture=3,
        use_recurrent_dropout=False,
        batch_size=50,
        learning_rate=1e-2,
        decay_rate=0.995,
        num_steps=6,
    )


@pytest.fixture(scope="session")
def learnt(layouts, tiny) -> TrainedModel:
    """A model that has learnt to put the shapes of the layouts back into place."""
    torch.manual_seed(0)
    config = replace(
        tiny, re_scale=0.3, num_steps=400, batch_size=25, learning_rate=2e-2, dec_rnn_size=64
    )
    limits = find_limits(config, layouts)
    network = SketchGloc(config).train()
    stream = EpochStream(config, layouts, limits)
    optimizer = torch.optim.Adam(network.parameters(), config.learning_rate)
    generator = torch.Generator().manual_seed(0)
    for step in range(config.num_steps):
        for group in optimizer.param_groups:
            group["lr"] = config.rate_at(step)
        loss = compute_objective(network, stream.batch(step), generator)
        optimizer.zero_grad()
        loss.total.backward()
        clip_each(network.parameters(), config.grad_clip)
        optimizer.step()
    model = TrainedModel(network.eval(), config, layouts.scale, limits)
    rows = layouts.rows("train")
    for number, name in enumerate(layouts.names):
        chosen = [layouts.strokes(int(i)) for i in rows[layouts.category[rows] == number]]
        model.codes[name] = encode_strokes(model, chosen)
    return model
