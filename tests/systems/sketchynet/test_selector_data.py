import numpy as np
import pytest
import torch

from inkseek.errors import DatasetError
from inkseek.systems.sketchynet.outcomes import Outcomes
from inkseek.systems.sketchynet.selector_data import RasterInputs, SelectorData, StrokeInputs
from inkseek.systems.sketchynet.sequences import join_sequences


def make_outcomes(levels, sketches):
    shape = (levels, 4, sketches)
    return Outcomes(np.ones(shape, dtype=np.int64), np.zeros(shape, dtype=np.float32))


def make_strokes(levels):
    rows = np.random.default_rng(0).random((10, 5), dtype=np.float32)
    return StrokeInputs(join_sequences([rows, rows[:4], rows[:6]]), levels)


def test_strokes_come_at_the_level_asked_for():
    rows, lengths = make_strokes((50, 100)).tensors(np.array([0, 1]), np.array([0, 1]))
    assert lengths.tolist() == [5, 4]
    assert rows.shape == (2, 5, 5)


def test_rasters_come_as_ink_at_the_level_asked_for():
    images = np.full((2, 3, 8, 8), 255, dtype=np.uint8)
    images[1, 2, 0, 0] = 0
    (ink,) = RasterInputs(images).tensors(np.array([2, 2]), np.array([0, 1]))
    assert ink.shape == (2, 1, 8, 8)
    assert ink.dtype == torch.float32
    assert (ink[0].sum().item(), ink[1].sum().item(), ink[1, 0, 0, 0].item()) == (0, 1, 1)


@pytest.mark.parametrize(("levels", "sketches"), [(1, 3), (2, 4)])
def test_inputs_and_outcomes_of_other_sizes_are_an_error(levels, sketches):
    with pytest.raises(DatasetError, match=r"inputs hold \(levels, sketches\) \(2, 3\)"):
        SelectorData(make_strokes((50, 100)), make_outcomes(levels, sketches))


def test_no_sketches_are_an_error():
    images = np.zeros((2, 0, 8, 8), dtype=np.uint8)
    with pytest.raises(DatasetError, match="at least one sketch"):
        SelectorData(RasterInputs(images), make_outcomes(2, 0))
