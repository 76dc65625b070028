import numpy as np
from svgelements import Matrix, Path

from inkseek.strokes.readers.svg_curves import MAX_STEPS, flatten_shape


def test_a_finer_tolerance_takes_more_points():
    counts = [
        len(next(flatten_shape(Path("M0 0C0 9 9 9 9 0"), Matrix(), tolerance)))
        for tolerance in (1.0, 0.1, 0.01, 1e-9)
    ]
    assert counts == sorted(set(counts))
    assert counts[-1] == MAX_STEPS + 1


def test_the_tolerance_is_that_of_the_canvas():
    small, large = (
        next(flatten_shape(Path("M0 0Q5 9 9 0"), Matrix.scale(scale), 0.01)) for scale in (1, 100)
    )
    assert len(large) > 5 * len(small)


def test_a_straight_curve_is_a_line():
    [line] = flatten_shape(Path("M0 0C1 1 2 2 3 3"), Matrix.translate(1, 2), 0.1)
    np.testing.assert_allclose(line, [[1, 2], [4, 5]])
