import json
import logging
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch

from inkseek.data.pairs import PairSet
from inkseek.raster.draw import draw
from inkseek.raster.photo import fit_square
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.module import create_network
from inkseek.systems.photo_topology.neighbours import photo_distances
from inkseek.systems.photo_topology.train import (
    drawn_photos,
    fit,
    load_reference,
    make_validation,
    squared_distances,
    start_features,
)
from inkseek.systems.registry import find_system
from inkseek.training.recipe import read_recipe, read_system

FOLDER = Path(__file__).parents[3] / "recipes" / "photo_topology"
RECIPES = sorted(FOLDER.glob("*.yaml"))
TAUGHT = {"student": "sketchynet", "selector": "sketchynet_selector"}
"""Systems of the recipes that show what such a run teaches."""


def tiny(**changes):
    values = {
        "backbone": "mobilenetv2_035",
        "canvas_size": 32,
        "resize": 36,
        "batch_size": 6,
        "steps": 6,
        "learning_rate": 0.01,
        "validate_every": 4,
    }
    return TopologyConfig("tiny", **values | changes)


def random_features(shapes):
    rows = np.random.default_rng(0).normal(size=(len(shapes.photos), 4))
    return [rows.astype(np.float32)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(shapes, tmp_path):
    """Weights, running statistics, momentum, and the order of batches."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    features = random_features(shapes)
    whole = fit(tiny(), tmp_path / "whole", [shapes], features, frozenset())
    parts = tmp_path / "parts"
    fit(tiny(stop_step=3), parts, [shapes], features, frozenset())
    last = fit(tiny(), parts, [shapes], features, frozenset(), resume=True)
    expected, actual = (torch.load(path, weights_only=True) for path in (whole, last))
    assert actual["global_step"] == expected["global_step"] == 6
    for name, value in expected["state_dict"].items():
        torch.testing.assert_close(actual["state_dict"][name], value, rtol=0, atol=0, msg=name)
    tracked = [v for k, v in expected["state_dict"].items() if k.endswith("num_batches_tracked")]
    assert {int(v) for v in tracked} == {6}
    for one, other in zip(
        expected["optimizer_states"][0]["state"].values(),
        actual["optimizer_states"][0]["state"].values(),
        strict=True,
    ):
        torch.testing.assert_close(one["momentum_buffer"], other["momentum_buffer"], rtol=0, atol=0)
    # Before training, and after four steps.
    notes = [json.loads(line) for line in (tmp_path / "whole" / "val.jsonl").open()]
    assert len(notes) == 2
    assert all(0.0 <= note["train/shapes/topology"] <= 1.0 for note in notes)
    assert read_system(tmp_path / "whole" / "recipe.yaml") == "photo_topology"
    assert read_recipe(tmp_path / "whole" / "recipe.yaml", TopologyConfig) == tiny()


def test_before_training_a_network_keeps_its_own_topology(shapes, tmp_path):
    config = tiny()
    network = create_network(config)
    distances = [photo_distances(start_features(network, shapes, 32))]
    validate = make_validation(config, [shapes], distances, frozenset(), tmp_path)
    assert validate(network)["train/shapes/topology"] > 0.999
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.5 * parameter.std(correction=0) * torch.randn_like(parameter)
    assert validate(network)["train/shapes/topology"] < 0.95
    assert network.training


def test_validation_measures_retrieval_and_topology_by_the_trained_distance(shapes, tmp_path):
    photos = tuple(
        replace(p, split="val" if i < 6 else "train") for i, p in enumerate(shapes.pairs.photos)
    )
    sketches = tuple(
        replace(s, split="val" if s.photo < 6 else "train") for s in shapes.pairs.sketches
    )
    packed = replace(shapes, pairs=PairSet("shapes", photos, sketches))
    config = tiny()
    network = create_network(config).eval()
    distances = photo_distances(random_features(shapes)[0])
    validate = make_validation(config, [packed], [distances], frozenset(), tmp_path)
    values = validate(network)

    ink = [draw(shapes.sketches[2 * i], 32) for i in range(6)]
    drawn = np.stack([np.repeat(image[None], 3, axis=0) for image in ink])
    shown = np.stack([fit_square(shapes.photos[i], 32).transpose(2, 0, 1) for i in range(6)])
    with torch.no_grad():
        asked, gallery = (network(torch.tensor(side)).numpy() for side in (drawn, shown))
    found = ((asked[:, None] - gallery[None]) ** 2).sum(2)
    nearer = (found <= found.diagonal()[:, None]).sum(1)
    assert values["val/shapes/acc@1"] == pytest.approx(np.mean(nearer == 1))
    assert values["val/shapes/acc@10"] == 1.0
    kept = [
        (found[a, i] < found[a, j]) == (distances[a, i] < distances[a, j])
        for a in range(6)
        for i, j in combinations([p for p in range(6) if p != a], 2)
    ]
    assert values["val/shapes/sketch-topology"] == pytest.approx(np.mean(kept), abs=0.02)
    assert set(values) == {
        "val/shapes/acc@1",
        "val/shapes/acc@10",
        "val/shapes/sketch-topology",
        "val/shapes/topology",
        "train/shapes/topology",
    }


def test_features_of_the_start_are_computed_once(shapes, tmp_path, monkeypatch):
    config = tiny()
    first = load_reference(config, shapes, tmp_path)
    np.testing.assert_array_equal(first, start_features(create_network(config), shapes, 32))
    monkeypatch.setattr("inkseek.systems.photo_topology.train.start_features", None)
    assert np.array_equal(load_reference(config, shapes, tmp_path), first)
    with pytest.raises(TypeError):  # another start needs features of its own
        load_reference(tiny(seed=1), shapes, tmp_path)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_reads(path):
    assert read_system(path) == TAUGHT.get(path.stem, "photo_topology")
    read_recipe(path, find_system(read_system(path)).config)


def test_the_drawn_photos_of_a_split_leave_absent_categories_out(shapes, monkeypatch):
    photos = tuple(
        replace(p, split="test" if i % 2 else "train", category="kept" if i % 3 else "gone")
        for i, p in enumerate(shapes.pairs.photos)
    )
    packed = replace(shapes, pairs=PairSet("shapes", photos, shapes.pairs.sketches))
    assert drawn_photos(packed, "test", frozenset({"gone"})) == [1, 5, 7, 11, 13]
    monkeypatch.setattr("inkseek.systems.photo_topology.train.TOPOLOGY_PHOTOS", 2)
    assert drawn_photos(packed, "test", frozenset({"gone"})) == [1, 5]


def test_squared_distances_are_those_of_plain_differences():
    generator = np.random.default_rng(0)
    one, other = (generator.normal(size=(n, 6)).astype(np.float32) for n in (4, 5))
    expected = ((one[:, None].astype(np.float64) - other[None]) ** 2).sum(2)
    np.testing.assert_allclose(squared_distances(one, other), expected, atol=1e-12)


def test_the_recipes_differ_in_their_method_alone():
    names = ("triplet", "multi_task", "meta", "meta_unpaired")
    recipes = [vars(read_recipe(FOLDER / f"{n}.yaml", TopologyConfig)) for n in names]
    changing = {"name", "method", "unpaired"}
    fixed = [{k: v for k, v in recipe.items() if k not in changing} for recipe in recipes]
    assert all(recipe == fixed[0] for recipe in fixed)
    assert [(r["method"], r["unpaired"]) for r in recipes] == [
        ("triplet", 0),
        ("multi_task", 0),
        ("meta", 0),
        ("meta", 16),
    ]
