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
    select_points,
    stroke_lengths,
    take_ink,
    take_points,
)
from inkseek.strokes.sketch import Sketch

STROKES = st.integers(1, 8).flatmap(
    lambda n: hnp.arrays(np.float32, (n, 2), elements=st.integers(-50, 300).map(np.float32))
)
DRAWINGS = st.lists(STROKES, min_size=1, max_size=5).map(tuple)
SHARES = st.floats(0.01, 1.0)

CORNER = np.float32([[10, 10], [40, 10], [40, 50]])
DOT = np.float32([[60, 20]])
LINE = np.float32([[0, 0], [0, 30]])


@pytest.fixture
def timed() -> Sketch:
    """70 and 30 units of line with a dot between; every point has a time and a pressure."""
    times = (np.float32([0, 30, 70]), np.float32([80]), np.float32([90, 120]))
    pressures = tuple(t / 120 for t in times)
    return Sketch((CORNER, DOT, LINE), 100.0, times=times, pressures=pressures)


def test_bounds_are_those_of_the_points(timed):
    assert bounds(timed) == (0.0, 0.0, 60.0, 50.0)


def test_a_sketch_without_strokes_has_no_bounds():
    with pytest.raises(SketchFormatError, match="without strokes has no bounds; draw something"):
        bounds(Sketch((), 8.0))


def test_the_length_of_a_stroke_is_that_of_its_line(timed):
    assert stroke_lengths(timed).tolist() == [70.0, 0.0, 30.0]
    assert stroke_lengths(Sketch((), 8.0)).tolist() == []


@given(DRAWINGS, st.sampled_from([1.0, 64.0, 255.5]), st.sampled_from([0.0, 0.0625, 0.3]))
def test_fit_fills_the_longer_axis_and_centres_both(drawing, canvas_size, margin):
    fitted = fit(Sketch(drawing, 300.0), canvas_size, margin)
    left, top, right, bottom = bounds(fitted)
    assert fitted.canvas_size == canvas_size
    assert left + right == pytest.approx(canvas_size, rel=1e-5)
    assert top + bottom == pytest.approx(canvas_size, rel=1e-5)
    if np.ptp(np.concatenate(drawing), axis=0).any():
        extent = max(right - left, bottom - top)
        assert extent == pytest.approx(canvas_size * (1 - 2 * margin), rel=1e-5)


def test_fit_keeps_the_aspect_ratio(timed):
    left, top, right, bottom = bounds(fit(timed, 12.0))
    assert (right - left) / (bottom - top) == pytest.approx(60 / 50)


def test_fit_centres_a_dot():
    assert fit(Sketch((DOT,), 100.0), 8.0, 0.1).strokes[0].tolist() == [[4.0, 4.0]]


def test_fit_of_an_empty_sketch_changes_its_canvas_alone():
    fitted = fit(Sketch((), 100.0), 8.0)
    assert (fitted.strokes, fitted.canvas_size) == ((), 8.0)


@pytest.mark.parametrize("margin", [-0.1, 0.5])
def test_a_margin_leaves_room_for_the_sketch(margin, timed):
    with pytest.raises(SketchFormatError, match=r"margin is .* must lie in \[0, 0.5\)"):
        fit(timed, 8.0, margin)


def test_flip_mirrors_left_and_right(timed):
    flipped = flip(timed)
    assert flipped.strokes[0].tolist() == [[90, 10], [60, 10], [60, 50]]
    assert [s.tolist() for s in flip(flipped).strokes] == [s.tolist() for s in timed.strokes]


@pytest.mark.parametrize(
    "change",
    [flip, lambda s: fit(s, 9.0), lambda s: resample(s, 5.0), lambda s: take_ink(s, 0.5)],
)
def test_the_old_sketch_stays_as_it_was(change, timed):
    before = [stroke.copy() for stroke in timed.strokes]
    change(timed)
    for stroke, old in zip(timed.strokes, before, strict=True):
        np.testing.assert_array_equal(stroke, old)


@pytest.mark.parametrize("change", [flip, lambda s: fit(s, 9.0), lambda s: take_points(s, 1.0)])
def test_times_and_pressures_stay_with_their_points(change, timed):
    changed = change(timed)
    for name in ("times", "pressures"):
        for track, old in zip(getattr(changed, name), getattr(timed, name), strict=True):
            np.testing.assert_array_equal(track, old)


def test_resampling_puts_points_at_equal_steps(timed):
    resampled = resample(timed, 35.0)
    np.testing.assert_allclose(resampled.strokes[0], [[10, 10], [40, 15], [40, 50]])
    np.testing.assert_allclose(resampled.times[0], [0, 35, 70])
    np.testing.assert_allclose(resampled.pressures[0], np.array([0, 35, 70]) / 120, rtol=1e-6)
    assert [len(stroke) for stroke in resampled.strokes] == [3, 1, 2]


@given(DRAWINGS, st.sampled_from([0.7, 5.0, 1e4]))
def test_resampling_keeps_ends_and_never_steps_too_far(drawing, spacing):
    resampled = resample(Sketch(drawing, 300.0), spacing)
    for stroke, old in zip(resampled.strokes, drawing, strict=True):
        np.testing.assert_array_equal(stroke[0], old[0])
        np.testing.assert_array_equal(stroke[-1], old[-1])
        assert (np.hypot(*np.diff(stroke, axis=0).T) <= spacing * (1 + 1e-4)).all()


def test_resampling_a_straight_line_uses_no_more_points_than_needed():
    line = Sketch((np.float32([[0, 0], [1, 0], [30, 0]]),), 100.0)
    assert resample(line, 10.0).strokes[0].tolist() == [[0, 0], [10, 0], [20, 0], [30, 0]]


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), float("inf")])
def test_spacing_must_be_positive(spacing, timed):
    with pytest.raises(SketchFormatError, match=r"spacing is .* must be a positive number"):
        resample(timed, spacing)


@pytest.mark.parametrize(
    ("share", "counts"),
    [(0.01, [1]), (0.5, [3]), (0.51, [3, 1]), (0.7, [3, 1, 1]), (1.0, [3, 1, 2])],
)
def test_a_share_of_the_points_is_rounded_up(share, counts, timed):
    part = take_points(timed, share)
    assert [len(stroke) for stroke in part.strokes] == counts
    assert [len(track) for track in part.times] == counts


def test_rounding_errors_of_the_share_add_no_point():
    sketch = Sketch((np.zeros((10, 2), np.float32),), 8.0)
    assert take_points(sketch, 0.1 + 0.1 + 0.1).num_points == 3


@given(DRAWINGS, SHARES)
def test_a_share_of_the_ink_is_exact(drawing, share):
    sketch = Sketch(drawing, 300.0)
    total = stroke_lengths(sketch).sum()
    assume(total > 0)
    assert stroke_lengths(take_ink(sketch, share)).sum() == pytest.approx(share * total, rel=1e-5)


@given(DRAWINGS, SHARES, SHARES)
def test_less_ink_is_the_beginning_of_more(drawing, one, other):
    sketch = Sketch(drawing, 300.0)
    less, more = (take_ink(sketch, share) for share in sorted((one, other)))
    assert 1 <= less.num_points <= more.num_points <= sketch.num_points
    for stroke, longer in zip(less.strokes, more.strokes, strict=False):
        np.testing.assert_array_equal(stroke[:-1], longer[: len(stroke) - 1])


def test_ink_ends_where_the_pen_was(timed):
    part = take_ink(timed, 0.5)
    assert [stroke.tolist() for stroke in part.strokes] == [[[10, 10], [40, 10], [40, 30]]]
    assert part.times[0].tolist() == [0, 30, 50]
    np.testing.assert_allclose(part.pressures[0], np.array([0, 30, 50]) / 120, rtol=1e-6)


def test_a_dot_is_there_once_the_pen_has_gone_on(timed):
    assert len(take_ink(timed, 0.7).strokes) == 1
    assert [len(stroke) for stroke in take_ink(timed, 0.71).strokes] == [3, 1, 2]


def test_dots_alone_are_cut_by_points():
    assert len(take_ink(Sketch((DOT,) * 4, 100.0), 0.5).strokes) == 2


@pytest.mark.parametrize("take", [take_ink, take_points])
def test_all_of_a_sketch_is_the_sketch(take, timed):
    whole = take(timed, 1.0)
    assert [s.tolist() for s in whole.strokes] == [s.tolist() for s in timed.strokes]


@pytest.mark.parametrize("take", [take_ink, take_points])
def test_part_of_an_empty_sketch_is_empty(take):
    assert take(Sketch((), 8.0), 0.5).strokes == ()


@pytest.mark.parametrize("take", [take_ink, take_points])
@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_is_more_than_nothing_and_at_most_all(take, share, timed):
    with pytest.raises(SketchFormatError, match=r"share is .* must lie in \(0, 1\]"):
        take(timed, share)


def test_selecting_points_leaves_out_strokes_without_any(timed):
    part = select_points(timed, np.array([True, False, True, False, False, True]))
    assert [stroke.tolist() for stroke in part.strokes] == [[[10, 10], [40, 50]], [[0, 30]]]
    assert [track.tolist() for track in part.times] == [[0, 70], [120]]
