from pathlib import Path

import pytest

from inkseek.errors import RecipeError
from inkseek.systems.registry import NAMES, find_system
from inkseek.training.recipe import read_recipe, read_system

RECIPES = sorted((Path(__file__).parents[2] / "recipes").rglob("*.yaml"))


def test_every_name_finds_a_system():
    for name in NAMES:
        system = find_system(name)
        assert callable(system.train)
        assert system.export is None or callable(system.export)


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    with pytest.raises(RecipeError, match="siamese"):
        find_system("siamees")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_that_ships_reads(path):
    read_recipe(path, find_system(read_system(path)).config)
