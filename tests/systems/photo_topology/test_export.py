from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.card import read_card
from inkseek.data.pairs import PairSet
from inkseek.errors import ModelError
from inkseek.export.folder import Sides
from inkseek.raster.draw import draw_batch
from inkseek.systems.photo_topology import export as module
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.export import export_run
from inkseek.systems.photo_topology.module import create_network
from inkseek.systems.photo_topology.train import bytes_embedder
from inkseek.training.embedder import torch_embedder
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE, write_recipe

CONFIG = TopologyConfig(
    "tiny",
    "mobilenetv2_035",
    canvas_size=32,
    resize=36,
    sets=("emoji",),
    pixel_mean=(0.48, 0.45, 0.4),
)


@pytest.fixture
def run(tmp_path):
    network = create_network(CONFIG)
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / CHECKPOINT)
    write_recipe(CONFIG, "photo_topology", tmp_path / RECIPE)
    return tmp_path


def test_what_is_exported_embeds_as_the_run_does_but_at_unit_length(run, shapes, monkeypatch):
    """The networks are caught on their way to ONNX, which takes a minute and has its own tests."""
    refs = tuple(
        replace(s, split="val" if s.photo > 11 else "train") for s in shapes.pairs.sketches
    )
    photos = tuple(
        replace(p, split="val" if i > 11 else "train") for i, p in enumerate(shapes.pairs.photos)
    )
    packed = replace(shapes, pairs=PairSet("shapes", photos, refs))
    caught = {}

    def write_networks(network, state, out, sides, sets, *, seed):
        caught.update(network=network, sides=sides)
        out.mkdir()
        (out / "student.onnx").write_bytes(b"network")

    monkeypatch.setattr(module, "write_networks", write_networks)
    card = export_run(run, run / "model", [packed])
    assert card == read_card(run / "model")
    assert (card.name, card.dim, card.canvas_sizes, card.photo_size) == ("tiny", 1280, (32,), 32)
    assert card.recipe["method"] == "meta"
    assert list(card.files) == ["student.onnx"]
    assert caught["sides"] == Sides((32,), 32)

    images = np.repeat(draw_batch([shapes.sketches[i] for i in range(8)], 32)[..., None], 3, axis=3)
    rows = bytes_embedder(create_network(CONFIG).eval())(images)
    expected = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = torch_embedder(caught["network"])(images)
    # Weights were rounded to half precision.
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_a_run_without_a_checkpoint_is_an_error(run, shapes):
    (run / CHECKPOINT).unlink()
    with pytest.raises(ModelError, match="train it first"):
        export_run(run, run / "model", [shapes])
    assert not (run / "model").exists()
