import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.strokes.sequences import to_sequence
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchynet.sequences import (
    COMPLETION_LEVELS,
    Sequences,
    complete_to,
    count_kept,
    join_sequences,
)


def make_sketch(counts, seed=0, canvas_size=256.0):
    rng = np.random.default_rng(seed)
    strokes = [rng.integers(0, 256, (count, 2)).astype(np.float32) for count in counts]
    return Sketch(tuple(strokes), canvas_size)


def test_levels_are_fifteen_from_thirty_to_all():
    assert len(COMPLETION_LEVELS) == 15
    assert (COMPLETION_LEVELS[0], COMPLETION_LEVELS[-1]) == (30, 100)


def test_a_share_of_points_is_rounded_up_exactly():
    lengths = np.array([20, 10, 10, 1, 7, 100])
    percent = np.array([55, 30, 35, 30, 100, 95])
    assert count_kept(lengths, percent).tolist() == [11, 3, 4, 1, 7, 95]


@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    percent=st.sampled_from(COMPLETION_LEVELS),
    coordinates=st.sampled_from(["absolute", "offset"]),
)
def test_cutting_the_rows_is_cutting_the_sketch(counts, percent, coordinates):
    sketch = make_sketch(counts, seed=sum(counts))
    sequences = join_sequences([to_sequence(sketch, coordinates=coordinates)])
    cut = sequences.take(np.array([0]), np.array([percent]))
    expected = to_sequence(complete_to(sketch, percent), coordinates=coordinates)
    np.testing.assert_array_equal(cut.rows[0], expected)
    assert cut.lengths.tolist() == [len(expected)]


def test_taking_sketches_leaves_the_data_as_it_was_and_clears_the_padding():
    sequences = join_sequences([to_sequence(make_sketch(counts)) for counts in ([4, 6], [3], [8])])
    before = sequences.rows.copy()
    taken = sequences.take(np.array([2, 0, 1]), np.array([50, 30, 100]))
    np.testing.assert_array_equal(sequences.rows, before)
    assert taken.lengths.tolist() == [4, 3, 3]
    assert taken.rows.shape == (3, 4, 5)
    assert not taken.rows[1, 3:].any()
    np.testing.assert_array_equal(taken.rows[:, :, 2:].sum(axis=(1, 2)), taken.lengths)


@pytest.mark.parametrize("length", [0, 4])
def test_a_length_beyond_the_array_is_an_error(length):
    with pytest.raises(SketchFormatError, match="sketch 1 has"):
        Sequences(np.zeros((2, 3, 5), dtype=np.float32), np.array([3, length]))


@pytest.mark.parametrize("percent", [0, -5, 101])
def test_a_share_out_of_range_is_an_error(percent):
    with pytest.raises(SketchFormatError, match="percent is"):
        complete_to(make_sketch([4]), percent)
