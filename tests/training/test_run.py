import json
from dataclasses import dataclass

import pytest

from inkseek.training.loop import CHECKPOINT, VALIDATION
from inkseek.training.recipe import RECIPE, read_recipe, read_system
from inkseek.training.run import begin_run, note_validation


@dataclass(frozen=True)
class Config:
    """A recipe."""

    name: str
    steps: int = 3


@pytest.fixture
def used(tmp_path):
    """A run that was validated and saved, with a file of its system's own."""
    for name in (CHECKPOINT, VALIDATION, "best", "other"):
        (tmp_path / name).write_text("old")
    return tmp_path


def test_a_new_run_has_its_recipe_and_nothing_to_go_on_from(tmp_path):
    run = tmp_path / "runs" / "a"
    assert begin_run(Config("a"), "siamese", run) is None
    assert begin_run(Config("a", steps=4), "siamese", run, resume=True) is None
    assert read_system(run / RECIPE) == "siamese"
    assert read_recipe(run / RECIPE, Config) == Config("a", steps=4)


def test_a_run_that_begins_anew_finds_no_figures_and_no_best_weights(used):
    assert begin_run(Config("a"), "zse", used, stale=("best",)) is None
    assert sorted(p.name for p in used.iterdir()) == sorted([CHECKPOINT, "other", RECIPE])


def test_a_resumed_run_keeps_all_it_has(used):
    assert begin_run(Config("a"), "zse", used, resume=True, stale=("best",)) == used / CHECKPOINT
    assert (used / VALIDATION).read_text() == "old"
    assert (used / "best").read_text() == "old"


def test_validations_are_noted_in_their_order(tmp_path):
    for value in (0.25, 0.5):
        note_validation(tmp_path, {"val/acc@1": value})
    lines = (tmp_path / VALIDATION).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"val/acc@1": 0.25}, {"val/acc@1": 0.5}]
