import logging

import numpy as np
import pytest
import torch
from torch import nn

from inkseek.data.sampler import BatchPlan, BatchSampler
from inkseek.data.tasks import make_tasks
from inkseek.data.views import ViewConfig, make_views
from inkseek.models.backbones import EmbeddingNet, scale_pixels
from inkseek.report.evaluation import evaluate
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.memory import Memory
from inkseek.systems.siamese.objective import compute_objective
from inkseek.systems.siamese.train import fit
from inkseek.training.embedder import torch_embedder

MILD = ViewConfig(flip=0.0, drop=0.0, rotation=2.0, stretch=0.02, crop=0.95, gray=0.0)


def acc_at_1(network, shapes):
    tasks = make_tasks([shapes.pairs], "train", frozenset())
    figures = evaluate(torch_embedder(network), 32, 32, [shapes], tasks)
    return next(f.interval.mean for f in figures if f.metric == "acc@1")


@pytest.mark.slow
def test_sixteen_shapes_are_learnt(shapes):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    trunk = nn.Sequential(
        nn.Conv2d(3, 24, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(24, 48, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(48, 64, 3, stride=2, padding=1),
        nn.ReLU(),
    )
    network = EmbeddingNet(trunk, 64, 32)
    config = SiameseConfig("shapes", category_weight=0.0, neighbourhood_weight=0.0)
    sampler = BatchSampler(
        [shapes.pairs],
        BatchPlan(groups=1, group_rows=16, small_groups=0, category_rows=0),
        frozenset(),
    )
    generator = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    before = acc_at_1(network, shapes)
    for _ in range(350):
        views = make_views(sampler.draw(generator), [shapes], (32,), 32, MILD, generator)
        sketch = torch.from_numpy(views.sketches[32])[:, None].expand(-1, 3, -1, -1)
        photo = torch.from_numpy(views.photo).permute(0, 3, 1, 2)
        rows = network(scale_pixels(torch.cat([sketch, photo])))
        category, block = torch.from_numpy(views.category), torch.from_numpy(views.block)
        nothing, memory = torch.empty(len(block), 0), Memory.empty(32)
        loss = compute_objective(*rows.chunk(2), category, block, nothing, memory, config).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert before < 0.5
    assert acc_at_1(network, shapes) >= 0.9


def tiny(**changes):
    return SiameseConfig(
        "tiny",
        backbone="mobilenetv2_035",
        weights=None,
        dim=8,
        canvas_size=32,
        photo_canvas_size=32,
        early_sizes=(),
        early_shares=(),
        steps=6,
        warmup=2,
        validate_every=100,
        neighbourhood_weight=1.0,
        memory=24,
        plan=BatchPlan(groups=1, group_rows=6, small_groups=0, category_rows=0),
        **changes,
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(shapes, tmp_path):
    """Weights, their average, the optimiser, the schedule, the memory and the order of batches."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    rows = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    references = [rows / np.linalg.norm(rows, axis=1, keepdims=True)]
    whole = fit(tiny(), tmp_path / "whole", [shapes], references)
    fit(tiny(stop_step=3), tmp_path / "parts", [shapes], references)
    parts = fit(tiny(), tmp_path / "parts", [shapes], references, resume=True)
    expected = torch.load(whole, weights_only=False)
    actual = torch.load(parts, weights_only=False)
    assert actual["global_step"] == expected["global_step"] == 6
    for key in ("state_dict", "current_model_state"):
        assert expected[key]
        for name, value in expected[key].items():
            torch.testing.assert_close(actual[key][name], value, rtol=0, atol=0, msg=name)
    torch.testing.assert_close(actual["memory"]["photo"], expected["memory"]["photo"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_progress_counts_steps_and_names_no_epochs(shapes, tmp_path, capfd):
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    rows = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    fit(tiny(stop_step=2), tmp_path, [shapes], [rows / np.linalg.norm(rows, axis=1, keepdims=True)])
    shown = capfd.readouterr().out
    assert "Training" in shown
    assert "2/2" in shown
    assert "Epoch" not in shown
