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
from inkseek.systems.siamese.objective import compute_objective
from inkseek.systems.siamese.train import torch_embedder

MILD = ViewConfig(flip=0.0, drop=0.0, rotation=2.0, stretch=0.02, crop=0.95, gray=0.0)


def acc_at_1(network, shapes):
    tasks = make_tasks([shapes.pairs], "train", frozenset())
    figures = evaluate(torch_embedder(network), 32, [shapes], tasks)
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
    config = SiameseConfig("shapes", category_weight=0.0)
    sampler = BatchSampler([shapes.pairs], BatchPlan(1, 16, 0, 0), frozenset())
    generator = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    before = acc_at_1(network, shapes)
    for _ in range(350):
        views = make_views(sampler.draw(generator), [shapes], 32, MILD, generator)
        sketch = torch.from_numpy(views.sketch)[:, None].expand(-1, 3, -1, -1)
        photo = torch.from_numpy(views.photo).permute(0, 3, 1, 2)
        rows = network(scale_pixels(torch.cat([sketch, photo])))
        category, block = torch.from_numpy(views.category), torch.from_numpy(views.block)
        loss = compute_objective(*rows.chunk(2), category, block, config).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert before < 0.5
    assert acc_at_1(network, shapes) >= 0.9
