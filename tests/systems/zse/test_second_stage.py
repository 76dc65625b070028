"""The second stage: what it may learn from, what it leaves alone, and that it can go on."""

import json
import logging
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from inkseek.data.views import ViewConfig
from inkseek.errors import ModelError, RecipeError
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.second_stage import SecondStage, load_first_stage
from inkseek.systems.zse.stored import load_stored
from inkseek.systems.zse.train import fit
from inkseek.systems.zse.trained import BEST, load_run
from inkseek.training.recipe import write_recipe

UNSEEN = frozenset({"family 3", "family 7", "family 10"})
HELD_BACK = ("family 1", "family 2", "family 4", "family 8")
MILD = ViewConfig(flip=0.0, drop=0.0, rotation=2.0, stretch=0.02, crop=0.95, gray=0.0)


@pytest.fixture
def first(make_config, tmp_path):
    """The folder of a first stage that held four families back."""
    torch.manual_seed(0)
    run = tmp_path / "first"
    run.mkdir()
    write_recipe(ZseConfig("first", make_config(), held_back=HELD_BACK), "zse", run / "recipe.yaml")
    save_file(ZseNetwork(make_config()).state_dict(), run / BEST)
    return run


@pytest.fixture
def recipe(make_config, first):
    return ZseConfig(
        "second",
        make_config(relation="pooled", anchors=16, dropout=0.1),
        first_stage=str(first),
        held_back=("family 2", "family 8"),
        stored=24,
        items=3,
        negatives=2,
        triplet_weight=0.0,
        ranking_weight=1.0,
        learning_rate=1e-3,
        schedule="cosine",
        steps=4,
        validate_every=2,
        validation_queries=6,
        validation_photos=12,
        save_every=2,
        views=MILD,
    )


def test_it_learns_from_what_the_first_stage_held_back_and_it_does_not(
    recipe, families, tmp_path, monkeypatch
):
    seen = {}

    def note(network, config, sets, absent, cache):
        seen["absent"] = absent
        return load_stored(network, config, sets, absent, cache)

    monkeypatch.setattr("inkseek.systems.zse.second_stage.load_stored", note)
    first = load_first_stage(recipe, [families], UNSEEN, tmp_path)
    every = {photo.category for photo in families.pairs.photos}
    assert every - seen["absent"] == {"family 1", "family 4"}
    assert set(first.stored.photo_category.tolist()) == {0, 1}


def test_validating_by_categories_that_the_trunk_was_trained_on_is_an_error(
    recipe, families, tmp_path
):
    leaking = replace(recipe, held_back=("family 2", "family 6"))
    with pytest.raises(RecipeError, match=r"held_back names 'family 6', which .* was trained on"):
        load_first_stage(leaking, [families], UNSEEN, tmp_path)


def test_one_category_is_too_few_to_learn_from(recipe, families, tmp_path):
    greedy = replace(recipe, held_back=HELD_BACK[:3])
    with pytest.raises(RecipeError, match="1 categories have both"):
        load_first_stage(greedy, [families], UNSEEN, tmp_path)


def test_a_trunk_of_another_shape_is_an_error(recipe, make_config):
    other = ZseNetwork(make_config(depth=1))
    with pytest.raises(ModelError, match="is not that of the recipe"):
        SecondStage(recipe, other)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what its own libraries do
def test_a_run_goes_on_where_it_stopped_and_moves_all_but_the_trunk(recipe, families, tmp_path):
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    data = [families], load_first_stage(recipe, [families], UNSEEN, tmp_path / "cache"), UNSEEN
    whole = fit(recipe, tmp_path / "whole", *data)
    fit(replace(recipe, stop_step=2), tmp_path / "parts", *data)
    parts = fit(recipe, tmp_path / "parts", *data, resume=True)
    expected, actual = (torch.load(p, weights_only=False) for p in (whole, parts))
    for name, value in expected["state_dict"].items():
        torch.testing.assert_close(actual["state_dict"][name], value, rtol=0, atol=0, msg=name)
    before = data[1].network.state_dict()
    start = SecondStage(recipe, data[1].network).network.state_dict()
    for name, value in expected["current_model_state"].items():
        name = name.removeprefix("network.")
        if name.startswith("trunk."):
            assert torch.equal(value, before[name]), name
        elif name.startswith(("relation.", "retrieval.")):
            assert not torch.equal(value, start[name]), name
    lines = (tmp_path / "parts" / "val.jsonl").read_text().splitlines()
    assert len(lines) == 3  # what it began with, then every two steps
    assert json.loads(lines[0])["val/stand-in/sa/mAP@all"] == pytest.approx(
        json.loads(lines[2])["val/stand-in/sa/mAP@all"]
    )
    config, network = load_run(tmp_path / "parts")
    assert config.network.relation == "pooled"
    assert network.retrieval is not None


def test_hard_photos_are_learnt_apart_by_their_patches(recipe):
    """Retrieval tokens say nothing here; a photo's patches are those of its sketch."""
    torch.manual_seed(0)
    module = SecondStage(recipe, ZseNetwork(recipe.network))
    module.network.eval()
    module.log_dict = lambda *args, **options: None
    sketch = torch.randn(6, 17, 32)
    sketch[:, 0] = 1.0
    photo = torch.randn(6, 3, 17, 32)
    photo[:, :, 0] = 1.0
    photo[:, 0, 1:] = sketch[:, 1:] + 1.5 * torch.randn(6, 16, 32)
    batch = {"sketch": sketch, "photo": photo.flatten(0, 1), "step": torch.tensor(0)}
    optimiser = torch.optim.Adam([p for p in module.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    for _ in range(12):
        loss = module.training_step(batch, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
