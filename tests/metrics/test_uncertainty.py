import math

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from inkseek.errors import DatasetError
from inkseek.metrics.uncertainty import expected_calibration_error, reliability_bins


def test_worked_example():
    confidence = np.array([0.1, 0.3, 0.9, 1.0])
    correct = np.array([False, True, True, True])
    low, high = reliability_bins(confidence, correct, num_bins=2)
    assert (low.count, low.confidence, low.accuracy) == (2, pytest.approx(0.2), 0.5)
    assert (high.count, high.confidence, high.accuracy) == (2, pytest.approx(0.95), 1.0)
    error = expected_calibration_error(confidence, correct, num_bins=2)
    assert error == pytest.approx((2 * 0.3 + 2 * 0.05) / 4)


def test_agrees_with_torchmetrics():
    generator = np.random.default_rng(0)
    confidence = generator.random(500)
    correct = generator.random(500) < confidence**2
    expected = binary_calibration_error(torch.tensor(confidence), torch.tensor(correct).int(), 10)
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected.item())


def test_a_calibrated_answer_has_almost_no_error():
    generator = np.random.default_rng(1)
    confidence = generator.random(100_000)
    correct = generator.random(100_000) < confidence
    assert expected_calibration_error(confidence, correct) < 0.01


def test_certainty_that_is_always_wrong_has_error_one():
    assert expected_calibration_error(np.ones(5), np.zeros(5, bool)) == 1.0


def test_a_confidence_between_two_bins_belongs_to_the_upper_one():
    low, high = reliability_bins(np.array([0.5, 1.0, 0.0]), np.ones(3, bool), num_bins=2)
    assert (low.count, high.count) == (1, 2)


def test_an_empty_bin_has_no_accuracy_and_no_weight():
    bins = reliability_bins(np.array([0.05]), np.array([True]), num_bins=10)
    assert [b.count for b in bins] == [1, *[0] * 9]
    assert math.isnan(bins[5].accuracy)
    assert expected_calibration_error(np.array([0.05]), np.array([True])) == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("confidence", "message"),
    [
        (np.array([1.2]), "outside"),
        (np.array([np.nan]), "outside"),
        (np.zeros(0), "no answers"),
    ],
)
def test_says_what_is_wrong(confidence, message):
    with pytest.raises(DatasetError, match=message):
        expected_calibration_error(confidence, np.ones(len(confidence), bool))
