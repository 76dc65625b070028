from dataclasses import replace

import torch

from inkseek.systems.recogniser.data import RasterStream
from inkseek.systems.recogniser.module import RecogniserModule


def test_the_start_depends_on_the_seed_alone(tiny):
    first = RecogniserModule(tiny).state_dict()
    torch.rand(7)
    again, other = (RecogniserModule(c).state_dict() for c in (tiny, replace(tiny, seed=1)))
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    assert not all(torch.equal(value, other[key]) for key, value in first.items())


def test_a_step_leaves_the_global_randomness_alone_and_repeats_its_own(tiny, polygons, monkeypatch):
    module = RecogniserModule(tiny).train()
    monkeypatch.setattr(module, "log", lambda *_, **__: None)
    batch = RasterStream(tiny, polygons).batch(0)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    losses = [module.training_step(batch, 0).item() for _ in range(2)]
    assert losses[0] == losses[1]
    assert torch.equal(torch.get_rng_state(), before)
