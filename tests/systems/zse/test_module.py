"""What a ZSE network learns in seconds: one batch by heart, and a task of unseen categories."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.data.tasks import make_tasks
from inkseek.data.views import ViewConfig
from inkseek.metrics.ranking import mean_average_precision
from inkseek.models.backbones import freeze_batch_norm, scale_pixels
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.data import ItemStream
from inkseek.systems.zse.module import ZseModule
from inkseek.systems.zse.retrieval import rn_distances, sa_distances
from inkseek.systems.zse.train import encode_task

MILD = ViewConfig(flip=0.0, drop=0.0, rotation=2.0, stretch=0.02, crop=0.95, gray=0.0)
UNSEEN = frozenset({"family 3", "family 7", "family 10"})
START = "tf_efficientnet_lite0"


@pytest.fixture
def start(make_config, weights_root):
    """The small sibling on ImageNet's EfficientNet-Lite0."""
    if not (weights_root / f"{START}.safetensors").is_file():
        pytest.skip(f"no {START}.safetensors in {weights_root}; set INKSEEK_WEIGHTS")
    # An absolute path: a name is looked up where the variable says, which may be nowhere.
    weights = str((weights_root / f"{START}.safetensors").resolve())
    return make_config("convnet", backbone=START, weights=weights, pad_type="", dropout=0.0)


@pytest.fixture
def recipe():
    return ZseConfig(
        "zse",
        items=6,
        negatives=5,
        ranking_weight=1.0,
        retrieval_weight=1.0,
        learning_rate=3e-3,
        steps=1000,
        views=MILD,
    )


def stream_of(config, families, absent=frozenset()):
    none = np.empty((len(families.photos), 0), dtype=np.float32)
    return ItemStream(config, [families], [none], absent)


def batch_of_six(stream):
    """The first batch whose items are of six categories."""
    batches = (stream.batch(step) for step in range(1000))
    return next(b for b in batches if len(set(b["sketch_category"][:6].tolist())) == 6)


def learn(module, batches):
    """The loop without Lightning; returns the first and the last objective."""
    torch.set_num_threads(1)
    trained = [p for p in module.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, module.config.learning_rate)
    module.train()
    freeze_batch_norm(module.network)
    objectives = []
    for batch in batches:
        objectives.append(module.compute_objective(batch))
        optimiser.zero_grad()
        objectives[-1].total.backward()
        torch.nn.utils.clip_grad_norm_(trained, 5.0)
        optimiser.step()
    module.eval()
    return objectives[0], objectives[-1]


def share_right(network, batch):
    """Share of a batch's sketches whose best photo is of their category, by rn and by sa."""
    with torch.no_grad():
        encoded = [network(scale_pixels(batch[side])) for side in ("sketch", "photo")]
    same = (batch["sketch_category"][:, None] == batch["photo_category"]).numpy()
    ways = rn_distances(network, *encoded), sa_distances(*encoded)
    return [float(same[np.arange(len(same)), way.argmin(1)].mean()) for way in ways]


@pytest.mark.slow
def test_a_random_network_learns_one_batch_by_heart(recipe, families, make_config):
    config = replace(recipe, network=make_config(anchors=16, dropout=0.0))
    batch = batch_of_six(stream_of(config, families))
    module = ZseModule(config)
    first, last = learn(module, [batch] * 60)
    assert first.ranking > 1.7  # the logarithm of six candidates is 1.79
    assert last.ranking < 0.1 * first.ranking
    assert last.relation < 0.2 * first.relation
    assert last.triplet < 0.1 * first.triplet
    assert share_right(module.network, batch)[0] == 1.0


@pytest.mark.slow
def test_start_weights_learn_one_batch_by_heart(recipe, families, start):
    config = replace(recipe, network=start, freeze_backbone=True)
    batch = batch_of_six(stream_of(config, families))
    module = ZseModule(config)
    first, last = learn(module, [batch] * 40)
    assert last.total < 0.4 * first.total
    assert last.ranking < 0.6 * first.ranking
    assert share_right(module.network, batch) == [1.0, 1.0]


@pytest.mark.slow
def test_relation_scores_find_unseen_shape_families(recipe, families, start):
    """Trained on eight families, asked for three others: zero-shot retrieval in little."""
    config = replace(recipe, network=start, freeze_backbone=True)
    stream = stream_of(config, families, UNSEEN)
    module = ZseModule(config)
    learn(module, (stream.batch(step) for step in range(90)))
    tasks = make_tasks([families.pairs], "test", UNSEEN)
    (task,) = [task for task in tasks if task.name == "sketchy/unseen"]
    encoded = encode_task(module.network, families, task, start.image_size)
    by_token = mean_average_precision(sa_distances(*encoded), task.relevant)
    by_relation = mean_average_precision(rn_distances(module.network, *encoded), task.relevant)
    assert task.relevant.mean() == pytest.approx(1 / 3)
    assert by_token > 0.55
    assert by_relation > 0.8
