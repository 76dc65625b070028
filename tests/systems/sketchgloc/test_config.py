from pathlib import Path

import pytest
import yaml

from inkseek.errors import RecipeError
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.training.recipe import read_recipe, read_system, to_tree

FOLDER = Path(__file__).parents[3] / "recipes" / "sketchgloc"
RECIPES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_reads(recipe):
    assert read_system(recipe) == "sketchgloc"
    assert read_recipe(recipe, SketchGlocConfig).name == f"sketchgloc-{recipe.stem}"


def changes(recipe):
    """What a recipe sets otherwise than five.yaml."""
    five = to_tree(read_recipe(FOLDER / "five.yaml", SketchGlocConfig))
    other = to_tree(read_recipe(recipe, SketchGlocConfig))
    return {key: value for key, value in other.items() if value != five[key]}


@pytest.mark.parametrize("recipe", sorted(FOLDER.glob("peers/*.yaml")), ids=lambda path: path.stem)
def test_a_peer_differs_in_its_encoder_alone(recipe):
    assert read_system(recipe) == "sketchgloc"
    changed = changes(recipe)
    assert changed.pop("name") == f"sketchgloc-peer-{recipe.stem}"
    assert changed.pop("encoder") == recipe.stem
    assert set(changed) <= {"peer", "enc_rnn_size"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("merged", {"graphs": "merged"}),
        ("pieces", {"max_stroke_len": 5}),
        ("normalised", {"normalise_adjacency": True}),
    ],
)
def test_an_ablation_changes_one_thing(name, change):
    recipe = FOLDER / "ablations" / f"{name}.yaml"
    assert changes(recipe) == {"name": f"sketchgloc-ablation-{name}", **change}


def test_every_ablation_is_tested():
    assert len([*FOLDER.glob("ablations/*.yaml")]) == 3


def test_a_recipe_without_the_newer_keys_is_sketchgloc_itself(tmp_path):
    """Recipes that runs of earlier versions stored."""
    tree = to_tree(read_recipe(FOLDER / "five.yaml", SketchGlocConfig))
    del tree["encoder"], tree["peer"]
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({"system": "sketchgloc", **tree}))
    read = read_recipe(tmp_path / "recipe.yaml", SketchGlocConfig)
    assert read == read_recipe(FOLDER / "five.yaml", SketchGlocConfig)
    assert read.encoder == "gloc"


def test_the_rate_really_decays(tiny):
    rates = [tiny.rate_at(step) for step in (0, 1, 1000, 100_000)]
    assert rates[0] == tiny.learning_rate
    assert rates[1] == pytest.approx((1e-2 - 1e-5) * 0.995 + 1e-5)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(tiny.min_learning_rate)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("enc_model", "gru"),
        ("dec_model", "gru"),
        ("graphs", "ten"),
        ("encoder", "gcn"),
        ("categories", ()),
        ("batch_size", 1),
        ("re_scale", -0.1),
    ],
)
def test_a_value_that_makes_no_sense_is_named(key, value):
    values = {"name": "a", "source": "b", "categories": ("c",), key: value}
    with pytest.raises(RecipeError, match=key):
        SketchGlocConfig(**values)
