import numpy as np
import pytest

from inkseek.strokes.sequences import to_sequence
from inkseek.strokes.sketch import Sketch


def make_sketch(counts, seed=0, canvas_size=256.0):
    rng = np.random.default_rng(seed)
    strokes = [rng.integers(0, 256, (count, 2)).astype(np.float32) for count in counts]
    return Sketch(tuple(strokes), canvas_size)


def test_rows_by_hand():
    strokes = (
        np.array([[0, 64], [128, 64]], dtype=np.float32),
        np.array([[256, 0], [192, 128]], dtype=np.float32),
    )
    sketch = Sketch(strokes, 256.0)
    pen = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    absolute = [[0, 0.25], [0.5, 0.25], [1, 0], [0.75, 0.5]]
    offset = [[0, 0.25], [0.5, 0], [0.5, -0.25], [-0.25, 0.5]]
    np.testing.assert_array_equal(to_sequence(sketch), np.hstack([absolute, pen]))
    np.testing.assert_array_equal(
        to_sequence(sketch, coordinates="offset"), np.hstack([offset, pen])
    )


def test_a_long_sketch_is_simplified_to_the_budget():
    sketch = make_sketch([150, 90])
    assert len(to_sequence(sketch)) <= 100
    assert len(to_sequence(sketch, max_points=12)) <= 12


@pytest.mark.parametrize("coordinates", ["absolute", "offset"])
def test_an_empty_sketch_is_one_row_that_says_end(coordinates):
    rows = to_sequence(Sketch((), 10.0), coordinates=coordinates)
    assert rows.tolist() == [[0, 0, 0, 0, 1]]
