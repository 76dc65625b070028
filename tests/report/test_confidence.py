import numpy as np
import pytest

from inkseek.card import Calibration
from inkseek.data.tasks import Task
from inkseek.metrics.uncertainty import expected_calibration_error
from inkseek.report.confidence import ABSENT, Episode, fit_calibration, judge, make_episodes
from inkseek.search import compute_confidence


def searches(count, temperature, null, seed=0):
    """Searches whose right answer is drawn from the very model that is to be fitted."""
    rng = np.random.default_rng(seed)
    truth = Calibration(temperature=temperature, null_similarity=null, nothing_below=0.5)
    episodes = []
    for _ in range(count):
        similarity = np.sort(rng.uniform(0, 0.9, rng.integers(8, 30)))[::-1]
        share = compute_confidence(similarity, truth)
        target = rng.choice(len(share) + 1, p=np.append(share, 1 - share.sum()))
        episodes.append(Episode(similarity, ABSENT if target == len(share) else int(target)))
    return episodes


def test_confidence_by_hand():
    card = Calibration(temperature=1.0, null_similarity=0.0, nothing_below=0.5)
    share = compute_confidence(np.log([3.0, 1.0]), card)
    np.testing.assert_allclose(share, [3 / 5, 1 / 5])


def test_confidence_survives_any_similarity_and_an_empty_gallery():
    card = Calibration(temperature=0.001, null_similarity=-1.0, nothing_below=0.5)
    np.testing.assert_allclose(compute_confidence(np.array([1.0, -1.0]), card), [1, 0], atol=1e-9)
    assert len(compute_confidence(np.empty(0), card)) == 0


def test_confidences_never_add_up_to_more_than_one():
    card = Calibration(temperature=0.1, null_similarity=0.1, nothing_below=0.5, slope=2.0, bias=3.0)
    share = compute_confidence(np.array([0.9, 0.88, 0.87, 0.2]), card)
    assert share.sum() == pytest.approx(1)
    assert (np.diff(share) <= 0).all()


def test_scaling_moves_the_log_odds():
    plain = Calibration(temperature=1.0, null_similarity=0.0, nothing_below=0.5)
    scaled = plain.model_copy(update={"slope": 2.0, "bias": -1.0})
    odds = [np.log(p / (1 - p)) for p in compute_confidence(np.log([3.0, 1.0]), plain)]
    moved = [np.log(p / (1 - p)) for p in compute_confidence(np.log([3.0, 1.0]), scaled)]
    np.testing.assert_allclose(moved, 2 * np.array(odds) - 1)


def test_a_larger_gallery_lowers_confidence():
    card = Calibration(temperature=0.1, null_similarity=0.3, nothing_below=0.5)
    few = compute_confidence(np.array([0.6, 0.5]), card)[0]
    many = compute_confidence(np.array([0.6, *[0.5] * 50]), card)[0]
    assert many < few


@pytest.mark.slow
def test_fitting_recovers_the_temperature_and_null_that_made_the_answers():
    fitted = fit_calibration(searches(1500, 0.08, 0.7))
    assert fitted.temperature == pytest.approx(0.08, rel=0.2)
    assert fitted.null_similarity == pytest.approx(0.7, abs=0.05)
    confidence, correct = judge(searches(1500, 0.08, 0.7, seed=1), fitted)
    assert expected_calibration_error(confidence, correct) < 0.05


def test_episodes_hold_the_true_photo_at_its_rank_or_not_at_all():
    relevant = np.eye(30, dtype=bool)
    rows = np.random.default_rng(0).standard_normal((30, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = np.arange(30)
    task = Task("t", 0, index, index, relevant, np.ones_like(relevant), index)
    episodes = make_episodes(task, rows, rows, generator=np.random.default_rng(0))
    present = [e for e in episodes if e.target != ABSENT]
    assert 10 < len(present) < 30
    assert all(e.target == 0 and e.similarity[0] == pytest.approx(1, abs=1e-5) for e in present)
    assert all((np.diff(e.similarity) <= 0).all() for e in episodes)
