"""Runs that stop and go on, and what they are chosen by."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.data.tasks import make_tasks
from inkseek.data.views import ViewConfig
from inkseek.errors import ModelError, RecipeError
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.train import fit, make_stand_in, thin
from inkseek.systems.zse.trained import load_run

UNSEEN = frozenset({"family 3", "family 7", "family 10"})
MILD = ViewConfig(flip=0.0, drop=0.0, rotation=2.0, stretch=0.02, crop=0.95, gray=0.0)


@pytest.fixture
def recipe(make_config):
    def make(**changes):
        options = {
            "network": make_config(),
            "items": 4,
            "steps": 4,
            "learning_rate": 1e-3,
            "validate_every": 2,
            "validation_queries": 6,
            "validation_photos": 12,
            "held_back": ("family 1", "family 2"),
            "views": MILD,
        }
        return ZseConfig("zse", **{**options, **changes})

    return make


def nothing(families):
    return [np.empty((len(families.photos), 0), dtype=np.float32)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
@pytest.mark.parametrize("options", [{}, {"negatives": 2, "schedule": "cosine"}])
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
    recipe, families, tmp_path, options
):
    """Dropout included: its seed follows the step."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    config = recipe(save_every=2, **options)
    data = [families], nothing(families), UNSEEN
    whole = fit(config, tmp_path / "whole", *data)
    fit(replace(config, stop_step=2), tmp_path / "parts", *data)
    parts = fit(config, tmp_path / "parts", *data, resume=True)
    expected, actual = (torch.load(p, weights_only=False) for p in (whole, parts))
    assert actual["global_step"] == expected["global_step"] == 4
    for key in ("state_dict", "current_model_state"):
        assert expected[key]
        for name, value in expected[key].items():
            torch.testing.assert_close(actual[key][name], value, rtol=0, atol=0, msg=name)
    lines = (tmp_path / "parts" / "val.jsonl").read_text().splitlines()
    assert lines == (tmp_path / "whole" / "val.jsonl").read_text().splitlines()
    assert set(json.loads(lines[0])) == {
        f"val/stand-in/{mode}/mAP@all" for mode in ("sa", "rn", "two-stage")
    }
    read, network = load_run(tmp_path / "parts")
    assert read == config
    assert not network.training
    images = torch.zeros(1, 3, 64, 64)
    _, same = load_run(tmp_path / "whole")
    torch.testing.assert_close(network(images).tokens, same(images).tokens)


def test_validation_asks_for_held_back_seen_categories_alone(recipe, families):
    task = make_stand_in(recipe(), [families], UNSEEN)
    photos, sketches = families.pairs.photos, families.pairs.sketches
    assert {photos[i].category for i in task.gallery} == {"family 1", "family 2"}
    assert {sketches[i].category for i in task.queries} == {"family 1", "family 2"}
    assert (len(task.queries), len(task.gallery)) == (6, 12)
    assert task.relevant.any(1).all()


def test_a_run_that_holds_nothing_back_has_no_validation(recipe, families):
    assert make_stand_in(recipe(held_back=()), [families], UNSEEN) is None


def test_choosing_by_unseen_categories_is_an_error(recipe, families):
    with pytest.raises(RecipeError, match="held_back names 'family 3', which is unseen"):
        make_stand_in(recipe(held_back=("family 3",)), [families], UNSEEN)


def test_held_back_categories_that_no_set_has_are_an_error(recipe, families):
    with pytest.raises(RecipeError, match="held_back needs sketchy-mini"):
        make_stand_in(recipe(held_back=("family 99",)), [families], UNSEEN)


def test_a_thinned_task_keeps_queries_that_have_an_answer(recipe, families):
    (task,) = [
        t for t in make_tasks([families.pairs], "test", UNSEEN) if t.name == "sketchy/unseen"
    ]
    small = thin(task, 100, 2)
    assert len(small.gallery) == 2
    assert small.relevant.any(1).all()
    assert 0 < len(small.queries) < len(task.queries)
    place = {int(q): i for i, q in enumerate(task.queries)}
    assert [task.clusters[place[int(q)]] for q in small.queries] == small.clusters.tolist()


def test_weights_that_do_not_fit_their_recipe_are_an_error(recipe, tmp_path):
    from inkseek.training.recipe import write_recipe

    write_recipe(recipe(), "zse", tmp_path / "recipe.yaml")
    torch.save({"state_dict": {"network.x": torch.zeros(1)}}, tmp_path / "last.ckpt")
    with pytest.raises(ModelError, match="do not fit its recipe; train again"):
        load_run(tmp_path)
