from dataclasses import replace

import pytest
import torch

from inkseek.losses.mixture import sketch_loss, split_mixture
from inkseek.metrics.generation import recognition_rate
from inkseek.systems.sketchgloc.data import find_limits, fixed_batches
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.systems.sketchgloc.trained import encode_strokes


@pytest.fixture
def batch(layouts, tiny):
    return fixed_batches(tiny, layouts, find_limits(tiny, layouts), "val")[0]


def test_evaluation_decodes_the_mean_and_masks_the_pen(tiny, batch):
    torch.manual_seed(0)
    network = SketchGloc(tiny).eval()
    mixture = split_mixture(network.decoder(network.encode(batch).mean, batch["target"]))
    expected = sketch_loss(mixture, batch["target"], mask_pen=True)
    assert compute_objective(network, batch).total.item() == expected.total.item()


def test_training_has_noise_that_follows_the_generator(tiny, batch):
    torch.manual_seed(0)
    network = SketchGloc(replace(tiny, use_recurrent_dropout=True)).eval()
    losses = [
        compute_objective(network, batch, torch.Generator().manual_seed(seed)).total.item()
        for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]


def test_every_parameter_learns(tiny, batch):
    network = SketchGloc(tiny)
    compute_objective(network, batch, torch.Generator().manual_seed(0)).total.backward()
    silent = [name for name, p in network.named_parameters() if not p.grad.abs().sum() > 0]
    assert silent == []


@pytest.mark.slow
def test_codes_of_disturbed_layouts_are_learnt(learnt, layouts, generator):
    """Nearest mean code names the layout: a classifier of codes, trained on clean sketches."""
    from inkseek.systems.sketchgloc.disturb import disturb

    rows = layouts.rows("test")
    moved = [disturb(layouts.strokes(int(i)), 0.3, generator=generator) for i in rows]
    codes = encode_strokes(learnt, moved)
    means = torch.stack([torch.from_numpy(c).mean(0) for c in learnt.codes.values()])
    scores = -torch.cdist(torch.from_numpy(codes), means).numpy()
    assert recognition_rate(scores, layouts.category[rows]) >= 0.7
