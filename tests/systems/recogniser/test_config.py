from pathlib import Path

import pytest

from inkseek.errors import RecipeError
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.training.recipe import read_recipe, read_system

RECIPES = Path(__file__).parents[3] / "recipes"


@pytest.mark.parametrize("name", ["five", "ten"])
def test_the_judge_sees_the_sketches_of_those_it_judges(name):
    path = RECIPES / "recogniser" / f"{name}.yaml"
    assert read_system(path) == "recogniser"
    judge = read_recipe(path, RecogniserConfig)
    judged = read_recipe(RECIPES / "sketchgloc" / f"{name}.yaml", SketchGlocConfig)
    for key in ("source", "categories", "num_per_category", "max_seq_len"):
        assert getattr(judge, key) == getattr(judged, key), key


@pytest.mark.parametrize(("key", "value"), [("categories", ("pig",)), ("mirror", 1.5)])
def test_a_value_that_makes_no_sense_is_named(key, value):
    values = {"name": "a", "source": "b", "categories": ("pig", "cat"), key: value}
    with pytest.raises(RecipeError, match=key):
        RecogniserConfig(**values)
