from dataclasses import dataclass, field

import pytest

from inkseek.errors import RecipeError
from inkseek.training.recipe import build, read_recipe, read_system, to_tree, write_recipe


@dataclass(frozen=True)
class Part:
    share: float = 0.5


@dataclass(frozen=True)
class Whole:
    name: str
    steps: int = 3
    weights: str | None = None
    sizes: tuple[int, ...] = (1, 2)
    part: Part = field(default_factory=Part)


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("name: a\nsizes: [4]\npart:\n  share: 1\n")
    return path


def test_reads_values_and_keeps_defaults(recipe):
    assert read_recipe(recipe, Whole) == Whole("a", sizes=(4,), part=Part(1.0))


def test_overrides_reach_into_groups(recipe):
    changed = read_recipe(recipe, Whole, ["steps=7", "part.share=0.25", "weights=w.bin"])
    assert changed == Whole("a", 7, "w.bin", (4,), Part(0.25))


def test_a_stored_recipe_reads_back_the_same(recipe):
    whole = read_recipe(recipe, Whole)
    assert build(Whole, to_tree(whole), where="memory") == whole


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("stepps=7", "unknown key 'stepps'; known: name, steps, weights"),
        ("part.shre=1", "part: unknown key 'shre'"),
        ("steps=many", "steps must be int, but is 'many'"),
        ("steps=true", "steps must be int"),
        ("sizes=3", "sizes must be a list"),
        ("part=3", "part must be a mapping"),
        ("steps", "must look like key=value"),
        ("name.x=1", "name is not a group of keys"),
    ],
)
def test_mistakes_are_named(recipe, override, message):
    with pytest.raises(RecipeError, match=message):
        read_recipe(recipe, Whole, [override])


def test_a_missing_recipe_or_key_is_named(tmp_path):
    with pytest.raises(RecipeError, match="no recipe"):
        read_recipe(tmp_path / "none.yaml", Whole)
    with pytest.raises(RecipeError, match="'name' is missing"):
        build(Whole, {}, where="memory")


def test_every_recipe_of_the_project_is_valid():
    from pathlib import Path

    from inkseek.systems.siamese.config import SiameseConfig

    recipes = sorted((Path(__file__).parents[2] / "recipes").glob("siamese*.yaml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path, SiameseConfig).name == path.stem.replace("_", "-")


def test_a_written_recipe_names_its_system_and_reads_back_the_same(recipe, tmp_path):
    whole = read_recipe(recipe, Whole, ["steps=7"])
    write_recipe(whole, "siamese", tmp_path / "out.yaml")
    assert read_system(tmp_path / "out.yaml") == "siamese"
    assert read_recipe(tmp_path / "out.yaml", Whole) == whole


def test_a_recipe_that_names_no_system_is_refused(recipe):
    with pytest.raises(RecipeError, match="system: NAME"):
        read_system(recipe)
