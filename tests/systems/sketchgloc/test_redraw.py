import numpy as np
import pytest
import torch

from inkseek.systems.sketchgloc.data import find_limits
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.redraw import disturb_all, redraw, to_sketches
from inkseek.systems.sketchgloc.trained import TrainedModel


@pytest.fixture
def untrained(layouts, tiny):
    """Random weights: enough for what does not depend on learning."""
    torch.manual_seed(0)
    return TrainedModel(SketchGloc(tiny).eval(), tiny, layouts.scale, find_limits(tiny, layouts))


@pytest.fixture
def clean(layouts):
    return [layouts.strokes(int(i)) for i in layouts.rows("test")]


def same(first, second):
    pairs = zip(first, second, strict=True)
    return all(
        np.array_equal(a, b) for one, other in pairs for a, b in zip(one, other, strict=True)
    )


def test_nothing_moves_at_strength_zero_and_the_same_moves_otherwise(clean):
    assert same(disturb_all(clean, 0.0, seed=1), clean)
    moved = disturb_all(clean, 0.3, seed=1)
    assert same(moved, disturb_all(clean, 0.3, seed=1))
    assert not same(moved, disturb_all(clean, 0.3, seed=2))
    assert not same(moved, clean)


def test_an_undisturbed_sketch_has_its_own_code(untrained, clean):
    redrawn = redraw(untrained, clean, clean)
    assert (redrawn.input_ranks == 1).all()


@pytest.mark.slow
def test_what_a_trained_model_draws_is_nearer_to_its_own_layout(learnt, clean):
    moved = disturb_all(clean, 0.3, seed=1)
    redrawn = redraw(learnt, moved, clean)
    assert len(redrawn.strokes) == len(clean)
    assert all(not strokes[0][0].any() for strokes in redrawn.strokes)
    # Three layouts among ten sketches: its own comes early, though not always first.
    assert np.mean(redrawn.ranks <= 4) >= 0.6
    assert np.median([len(strokes) for strokes in redrawn.strokes]) == 3


def test_a_model_that_draws_nothing_makes_a_dot(untrained, clean, monkeypatch):
    def end_at_once(code, **_):
        rows = code.new_zeros(len(code), 1, 5)
        rows[:, 0, 4] = 1
        return rows

    monkeypatch.setattr(untrained.network.decoder, "draw", end_at_once)
    redrawn = redraw(untrained, clean, clean)
    assert all(len(s) == 1 and s[0].tolist() == [[0, 0]] for s in redrawn.strokes)
    # All codes alike: each original is as near to them as it is, one of them the nearest.
    assert sorted(redrawn.ranks.tolist()) == list(range(1, len(clean) + 1))
    assert to_sketches(redrawn.strokes)[0].num_points == 1


def test_drawing_at_a_temperature_follows_the_seed(untrained, clean):
    first, again, other = (
        redraw(untrained, clean, clean, temperature=0.5, seed=seed).strokes for seed in (1, 1, 2)
    )
    assert same(first, again)
    assert [len(s) for s in first] != [len(s) for s in other] or not same(first, other)
