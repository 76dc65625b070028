import numpy as np
import pytest

from inkseek.systems.sketchgloc.disturb import AugmentPlan, augment, disturb


@pytest.fixture
def strokes(generator):
    return [generator.normal(size=(n, 2)).astype(np.float32) * 9 for n in (8, 1, 30)]


def test_no_strength_changes_nothing(strokes, generator):
    for before, after in zip(strokes, disturb(strokes, 0.0, generator=generator), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("strength", [0.1, 0.3])
def test_the_first_stroke_stays_and_others_move_rigidly(strokes, strength, generator):
    moved = disturb(strokes, strength, generator=generator)
    assert np.array_equal(moved[0], strokes[0])
    for before, after in zip(strokes[1:], moved[1:], strict=True):
        shift = after - before
        assert np.abs(shift).max() > 0
        np.testing.assert_allclose(shift, shift[:1].repeat(len(shift), 0), atol=1e-5)


def test_the_deviation_is_a_share_of_the_longer_side(generator):
    strokes = [np.float32([[0, 0], [40, 10]])] + [np.float32([[5, 5]])] * 4000
    moves = np.concatenate(disturb(strokes, 0.3, generator=generator)[1:]) - 5
    np.testing.assert_allclose(moves.std(axis=0), 0.3 * 40, rtol=0.05)
    np.testing.assert_allclose(moves.mean(axis=0), 0, atol=0.6)


def test_a_plan_of_zeros_leaves_a_sketch_alone(strokes, generator):
    plan = AugmentPlan(stretch=0.0, drop=0.0, placement=0.0)
    for before, after in zip(strokes, augment(strokes, plan, generator=generator), strict=True):
        assert np.array_equal(before, after)


def test_ends_and_beginnings_of_strokes_are_never_dropped(strokes, generator):
    thin = augment(strokes, AugmentPlan(0.0, 1.0, 48.0, 0.0), generator=generator)
    assert [len(stroke) for stroke in thin] == [3, 1, 3]
    for before, after in zip(strokes, thin, strict=True):
        assert np.array_equal(after[-1], before[-1])
        assert np.array_equal(after[:2], before[:2])


def test_both_axes_are_stretched_by_factors_of_their_own(strokes, generator):
    plan = AugmentPlan(stretch=0.1, drop=0.0, placement=0.0)
    factors = [
        augment(strokes, plan, generator=generator)[0][0] / strokes[0][0] for _ in range(200)
    ]
    assert np.min(factors) == pytest.approx(0.9, abs=0.01)
    assert np.max(factors) == pytest.approx(1.1, abs=0.01)
    assert abs(np.corrcoef(np.transpose(factors))[0, 1]) < 0.3


def test_a_placed_sketch_lies_in_the_middle_share_of_the_canvas(generator):
    strokes = [np.float32([[-3, 2], [5, 4]])]
    plan = AugmentPlan(stretch=0.0, drop=0.0, canvas=48.0, placement=0.8)
    corners = [augment(strokes, plan, generator=generator)[0].min(axis=0) for _ in range(300)]
    np.testing.assert_allclose(np.min(corners, axis=0), [4.0, 4.6], atol=0.6)
    np.testing.assert_allclose(np.max(corners, axis=0), [36.0, 41.4], atol=0.6)
