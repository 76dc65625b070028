import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.sketch import Sketch

LINE = np.float32([[0, 0], [3, 4]])
DOT = np.float32([[1, 1]])


def test_counts_points_over_all_strokes():
    assert Sketch((LINE, DOT), 8.0).num_points == 3


def test_a_sketch_without_strokes_has_no_points():
    assert Sketch((), 8.0).num_points == 0


@pytest.mark.parametrize("canvas_size", [0.0, -1.0, float("nan"), float("inf")])
def test_the_canvas_must_have_a_size(canvas_size):
    with pytest.raises(SketchFormatError, match=r"canvas_size is .* must be a positive number"):
        Sketch((LINE,), canvas_size)


def test_names_the_stroke_without_points():
    with pytest.raises(SketchFormatError, match="stroke 1 of 2 has no points"):
        Sketch((LINE, LINE[:0]), 8.0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_names_the_stroke_with_a_coordinate_that_is_not_finite(value):
    with pytest.raises(SketchFormatError, match="stroke 1 of 2 has a coordinate"):
        Sketch((DOT, np.float32([[0, 0], [value, 1]])), 8.0)


@pytest.mark.parametrize("name", ["times", "pressures"])
@pytest.mark.parametrize("tracks", [((0, 1),), ((0, 1), (0, 1)), ((0,), (0,))])
def test_every_point_has_a_time_and_a_pressure_or_none_has(name, tracks):
    with pytest.raises(SketchFormatError, match=f"{name} must hold one value for each point"):
        Sketch((LINE, DOT), 8.0, **{name: tuple(np.float32(track) for track in tracks)})
