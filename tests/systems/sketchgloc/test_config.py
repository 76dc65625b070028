from pathlib import Path

import pytest

from inkseek.errors import RecipeError
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.training.recipe import read_recipe, read_system

RECIPES = sorted((Path(__file__).parents[3] / "recipes" / "sketchgloc").glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_reads(recipe):
    assert read_system(recipe) == "sketchgloc"
    assert read_recipe(recipe, SketchGlocConfig).name == f"sketchgloc-{recipe.stem}"


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
        ("categories", ()),
        ("batch_size", 1),
        ("re_scale", -0.1),
    ],
)
def test_a_value_that_makes_no_sense_is_named(key, value):
    values = {"name": "a", "source": "b", "categories": ("c",), key: value}
    with pytest.raises(RecipeError, match=key):
        SketchGlocConfig(**values)
