"""Each peer at a size that learns in seconds, and sketches to see."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.systems.sketchgloc.data import EpochStream, Limits, collate, find_limits
from inkseek.systems.sketchgloc.module import clip_each
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.systems.sketchgloc.peers.plan import PeerPlan

PLANS = {
    "pix2seq": PeerPlan(canvas_size=24),
    "healer": PeerPlan(canvas_size=32, patch_size=16, patch_every=1, num_patches=40),
    "lattice": PeerPlan(canvas_size=64, num_lines=8, max_nodes=60),
    "sp": PeerPlan(canvas_size=40, patch_size=16, patch_every=1, num_patches=40, num_clusters=5),
}


@pytest.fixture
def limits():
    """Room for every sketch of these tests."""
    return Limits(max_points=40, max_nodes=9, max_rows=128)


@pytest.fixture
def sketches(generator):
    """Smooth lines, so that rasters are not all ink."""
    return [
        [generator.normal(size=(n, 2)).cumsum(0).astype(np.float32) for n in lengths]
        for lengths in ((3, 9, 2, 5), (4,), (7, 7))
    ]


@pytest.fixture
def build(tiny):
    """The tiny network with another encoder, in evaluation mode."""

    def build(kind):
        torch.manual_seed(0)
        return SketchGloc(replace(tiny, encoder=kind, peer=PLANS[kind])).eval()

    return build


@pytest.fixture
def encode(limits):
    """Mean codes of sketches."""

    def encode(network, sketches):
        with torch.no_grad():
            return network.encode(collate(sketches, sketches, limits)).mean

    return encode


@pytest.fixture
def learn(tiny, layouts, build):
    """Train, then the loss on new sketches: by their own codes, by those of other layouts."""

    def learn(kind, num_steps):
        network = build(kind).train()
        config = replace(tiny, num_steps=num_steps, batch_size=30)
        limits = find_limits(config, layouts)
        stream = EpochStream(config, layouts, limits)
        optimizer = torch.optim.Adam(network.parameters(), config.learning_rate)
        for step in range(num_steps):
            generator = torch.Generator().manual_seed(step)
            loss = compute_objective(network, stream.batch(step), generator)
            optimizer.zero_grad()
            loss.total.backward()
            clip_each(network.parameters(), config.grad_clip)
            optimizer.step()
        clean = [layouts.strokes(int(i)) for i in layouts.rows("val")]
        # The next sketch has another layout.
        wrong = clean[1:] + clean[:1]
        network.eval()
        with torch.no_grad():
            return [
                compute_objective(network, collate(read, clean, limits)).total.item()
                for read in (clean, wrong)
            ]

    return learn
