import numpy as np
import pytest

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.limits import (
    MAX_BYTES,
    MAX_POINTS,
    MAX_STROKES,
    build_sketch,
    check_counts,
    check_size,
    open_file,
    to_column,
)


def test_the_largest_sketch_allowed_passes():
    check_size(MAX_BYTES, "file")
    check_counts(MAX_STROKES, MAX_POINTS, "file")


@pytest.mark.parametrize("counts", [(MAX_STROKES + 1, 1), (1, MAX_POINTS + 1)])
def test_one_more_does_not(counts):
    with pytest.raises(LimitError, match=r"file has .* are allowed; simplify it"):
        check_counts(*counts, "file")
    with pytest.raises(LimitError, match="larger than 32 MiB"):
        check_size(MAX_BYTES + 1, "file")


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "missing.svg"):
        with pytest.raises(SketchFormatError, match="is not a file; name a sketch"):
            open_file(path)


def test_without_a_canvas_a_sketch_goes_to_the_origin():
    sketch = build_sketch(np.array([[-5.0, 7.0], [15.0, 17.0]]), [1, 1], "file")
    assert [stroke.tolist() for stroke in sketch.strokes] == [[[0, 0]], [[20, 10]]]
    assert sketch.canvas_size == 20


def test_a_dot_has_a_canvas():
    assert build_sketch(np.array([[5.0, 5.0]]), [1], "file").canvas_size == 1


def test_large_times_keep_their_differences():
    times = 1.6e12 + np.array([0.0, 3.0, 17.0])
    sketch = build_sketch(np.zeros((3, 2)), [3], "file", times=times)
    assert sketch.times[0].tolist() == [0, 3, 17]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_a_number_that_is_none_is_refused(bad):
    with pytest.raises(SketchFormatError, match="file has a coordinate that is infinite"):
        build_sketch(np.array([[0.0, bad]]), [1], "file")
    with pytest.raises(SketchFormatError, match="file has a time"):
        build_sketch(np.zeros((2, 2)), [2], "file", times=np.array([0.0, bad]))


@pytest.mark.parametrize(
    "values", [["1"], [None], [[1], [2]], [[1], 2], [10**400], [True], [{}], [1, "a"]]
)
def test_only_numbers_are_numbers(values):
    with pytest.raises(SketchFormatError, match="something else than a number"):
        to_column(values, "file")
