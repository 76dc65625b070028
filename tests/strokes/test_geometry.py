import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.strokes.geometry import (
    bounds,
    fit,
    flip,
    resample,
    stroke_lengths,
    take_ink,
    take_points,
)
from inkseek.strokes.sketch import Sketch

COORDINATES = st.integers(-100, 400).map(np.float32)
STROKES = st.integers(1, 12).flatmap(lambda n: hnp.arrays(np.float32, (n, 2), elements=COORDINATES))
DRAWINGS = st.lists(STROKES, min_size=1, max_size=5).map(tuple)
SHARES = st.floats(0.01, 1.0)

CORNER = np.float32([[0, 0], [30, 0], [30, 40]])
LINE = np.float32([[100, 100], [100, 130]])
EMPTY = Sketch((), 256.0)


def number_points(strokes) -> Sketch:
    """A sketch whose times and pressures say which point is which."""
    ends = np.cumsum([len(stroke) for stroke in strokes])
    numbers = tuple(
        np.arange(end - len(stroke), end, dtype=np.float32)
        for stroke, end in zip(strokes, ends, strict=True)
    )
    return Sketch(tuple(strokes), 256.0, times=numbers, pressures=numbers)


def measure_ink(sketch: Sketch) -> float:
    return float(stroke_lengths(sketch).sum())


def test_bounds_are_left_top_right_bottom():
    assert bounds(Sketch((CORNER + 5, LINE), 256.0)) == (5, 5, 100, 130)


def test_a_sketch_without_strokes_has_no_bounds():
    with pytest.raises(SketchFormatError, match="without strokes has no bounds; draw something"):
        bounds(EMPTY)


def test_fit_fills_the_longer_side_and_centres_the_shorter():
    fitted = fit(Sketch((CORNER,), 256.0), 100.0, margin=0.1)
    assert fitted.canvas_size == 100
    np.testing.assert_allclose(fitted.strokes[0], [[20, 10], [80, 10], [80, 90]], atol=1e-5)


@given(DRAWINGS, st.floats(1, 1000), st.floats(0, 0.4))
def test_fit_is_uniform_and_lies_within_the_margin(drawing, canvas_size, margin):
    sketch = Sketch(drawing, 256.0)
    left, top, right, bottom = bounds(sketch)
    assume(max(right - left, bottom - top) > 0)
    fitted = fit(sketch, canvas_size, margin)
    u0, v0, u1, v1 = bounds(fitted)
    side = canvas_size * (1 - 2 * margin)
    scale = side / max(right - left, bottom - top)
    slack = 1e-5 * canvas_size
    assert max(u1 - u0, v1 - v0) == pytest.approx(side, abs=slack)
    assert (u1 - u0, v1 - v0) == pytest.approx(
        ((right - left) * scale, (bottom - top) * scale), abs=slack
    )
    assert (u0 + u1, v0 + v1) == pytest.approx((canvas_size, canvas_size), abs=slack)


def test_fit_only_centres_a_dot():
    fitted = fit(Sketch((np.float32([[7, 9]]),), 256.0), 100.0)
    np.testing.assert_array_equal(fitted.strokes[0], [[50, 50]])


@pytest.mark.parametrize("margin", [-0.1, 0.5, float("nan")])
def test_fit_needs_room_between_the_margins(margin):
    with pytest.raises(SketchFormatError, match=r"margin is .* must lie in \[0, 0.5\)"):
        fit(Sketch((LINE,), 256.0), 100.0, margin)


def test_flip_mirrors_x_within_the_canvas():
    flipped = flip(Sketch((np.float32([[0, 1], [10, 2]]),), 256.0))
    np.testing.assert_array_equal(flipped.strokes[0], [[256, 1], [246, 2]])


@given(DRAWINGS)
def test_flipping_twice_changes_nothing(drawing):
    sketch = number_points(drawing)
    again = flip(flip(sketch))
    for before, after in zip(sketch.strokes, again.strokes, strict=True):
        np.testing.assert_array_equal(before, after)
    assert again.times is not None


def test_stroke_lengths_count_no_move_of_the_lifted_pen():
    lengths = stroke_lengths(Sketch((CORNER, LINE, LINE[:1]), 256.0))
    np.testing.assert_allclose(lengths, [70, 30, 0])


def test_resample_puts_points_at_equal_steps():
    resampled = resample(number_points([LINE]), 10.0)
    np.testing.assert_allclose(resampled.strokes[0][:, 1], [100, 110, 120, 130])
    np.testing.assert_allclose(resampled.times[0], [0, 1 / 3, 2 / 3, 1], rtol=1e-6)
    np.testing.assert_allclose(resampled.pressures[0], [0, 1 / 3, 2 / 3, 1], rtol=1e-6)


@given(DRAWINGS, st.floats(0.5, 50))
def test_resample_keeps_ends_and_never_steps_farther_than_the_spacing(drawing, spacing):
    resampled = resample(number_points(drawing), spacing)
    assert len(resampled.strokes) == len(drawing)
    for before, after in zip(drawing, resampled.strokes, strict=True):
        assert after.dtype == np.float32
        np.testing.assert_allclose(after[[0, -1]], before[[0, -1]], atol=1e-4)
        steps = np.hypot(*np.diff(after, axis=0).T)
        assert (steps <= spacing + 1e-3).all()


def test_resample_leaves_a_dot_a_dot():
    np.testing.assert_array_equal(resample(Sketch((LINE[:1],), 256.0), 1.0).strokes[0], LINE[:1])


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), float("inf")])
def test_resample_needs_a_step(spacing):
    with pytest.raises(SketchFormatError, match="spacing is .* must be a positive number"):
        resample(Sketch((LINE,), 256.0), spacing)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.1, [1]), (0.3, [2]), (0.6, [3]), (0.7, [3, 1]), (1.0, [3, 2])]
)
def test_take_points_rounds_the_number_of_points_up(share, expected):
    taken = take_points(number_points([CORNER, LINE]), share)
    assert [len(stroke) for stroke in taken.strokes] == expected
    assert [len(times) for times in taken.times] == expected


@given(DRAWINGS, SHARES)
def test_take_points_keeps_the_first_ones_as_they_are(drawing, share):
    sketch = number_points(drawing)
    taken = take_points(sketch, share)
    count = taken.num_points
    assert 0 <= count - share * sketch.num_points + 1e-9 <= 1
    np.testing.assert_array_equal(np.concatenate(taken.times), np.arange(count))
    np.testing.assert_array_equal(
        np.concatenate(taken.strokes), np.concatenate(drawing)[:count]
    )


@given(DRAWINGS, SHARES)
def test_take_ink_keeps_that_share_of_the_line(drawing, share):
    sketch = number_points(drawing)
    assume(measure_ink(sketch) > 0)
    taken = take_ink(sketch, share)
    assert measure_ink(taken) == pytest.approx(share * measure_ink(sketch), abs=2e-3)
    assert taken.num_points <= sketch.num_points
    for before, after in zip(drawing, taken.strokes, strict=False):
        np.testing.assert_array_equal(after[:-1], before[: len(after) - 1])


def test_take_ink_cuts_a_line_between_its_points():
    taken = take_ink(number_points([CORNER, LINE]), 0.5)
    assert len(taken.strokes) == 1
    np.testing.assert_allclose(taken.strokes[0], [[0, 0], [30, 0], [30, 20]])
    np.testing.assert_allclose(taken.times[0], [0, 1, 1.5])
    np.testing.assert_allclose(taken.pressures[0], [0, 1, 1.5])


def test_take_ink_of_dots_takes_points():
    dots = [np.float32([[i, i]]) for i in range(4)]
    assert take_ink(number_points(dots), 0.5).num_points == 2


@pytest.mark.parametrize("take", [take_ink, take_points])
@given(drawing=DRAWINGS)
def test_the_whole_share_is_the_whole_sketch(take, drawing):
    sketch = number_points(drawing)
    taken = take(sketch, 1.0)
    for before, after in zip(sketch.strokes, taken.strokes, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("take", [take_ink, take_points])
@pytest.mark.parametrize("share", [0.0, -0.5, 1.5, float("nan")])
def test_a_share_lies_between_nothing_and_all(take, share):
    with pytest.raises(SketchFormatError, match=r"share is .* must lie in \(0, 1\]"):
        take(number_points([LINE]), share)


@pytest.mark.parametrize(
    "change",
    [
        flip,
        lambda sketch: fit(sketch, 256.0),
        lambda sketch: resample(sketch, 2.0),
        lambda sketch: take_ink(sketch, 0.5),
        lambda sketch: take_points(sketch, 0.5),
    ],
    ids=["flip", "fit", "resample", "take_ink", "take_points"],
)
def test_an_empty_sketch_stays_empty(change):
    assert change(EMPTY).strokes == ()
