import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.strokes.augment import affine, drop_strokes, jitter_points, jitter_strokes
from inkseek.strokes.geometry import resample, stroke_lengths
from inkseek.strokes.sketch import Sketch

COORDINATES = st.integers(-100, 400).map(np.float32)
STROKES = st.integers(1, 30).flatmap(lambda n: hnp.arrays(np.float32, (n, 2), elements=COORDINATES))
DRAWINGS = st.lists(STROKES, max_size=8).map(tuple)

CHANGES = {
    "drop_strokes": lambda sketch, g: drop_strokes(sketch, 0.5, generator=g),
    "affine": lambda sketch, g: affine(
        sketch, rotation=20.0, stretch=0.3, shear=0.2, generator=g
    ),
    "jitter_strokes": lambda sketch, g: jitter_strokes(sketch, 0.02, generator=g),
    "jitter_points": lambda sketch, g: jitter_points(sketch, 0.02, generator=g),
}
NOTHING = {
    "drop_strokes": lambda sketch, g: drop_strokes(sketch, 0.0, generator=g),
    "affine": lambda sketch, g: affine(
        sketch, rotation=0.0, stretch=0.0, shear=0.0, generator=g
    ),
    "jitter_strokes": lambda sketch, g: jitter_strokes(sketch, 0.0, generator=g),
    "jitter_points": lambda sketch, g: jitter_points(sketch, 0.0, generator=g),
}
each_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


def with_tracks(strokes) -> Sketch:
    ends = np.cumsum([len(stroke) for stroke in strokes])
    numbers = tuple(
        np.arange(end - len(stroke), end, dtype=np.float32)
        for stroke, end in zip(strokes, ends, strict=True)
    )
    return Sketch(tuple(strokes), 256.0, times=numbers, pressures=numbers)


@each_change
@given(drawing=DRAWINGS, seed=st.integers(0, 9))
def test_a_seed_decides_the_result_and_the_sketch_stays_as_it_was(change, drawing, seed):
    copies = [stroke.copy() for stroke in drawing]
    first, second = (
        change(with_tracks(drawing), np.random.default_rng(seed)) for _ in range(2)
    )
    for a, b in zip(first.strokes, second.strokes, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float32
    for stroke, copy in zip(drawing, copies, strict=True):
        np.testing.assert_array_equal(stroke, copy)
    assert first.canvas_size == 256
    assert [len(times) for times in first.times] == [len(stroke) for stroke in first.strokes]


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
@given(drawing=DRAWINGS)
def test_no_strength_changes_nothing(change, drawing):
    changed = change(with_tracks(drawing), np.random.default_rng(0))
    for before, after in zip(drawing, changed.strokes, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-4)


@each_change
def test_an_empty_sketch_stays_empty(change, generator):
    assert change(Sketch((), 256.0), generator).strokes == ()


@each_change
def test_another_draw_gives_another_sketch(change, generator):
    drawing = with_tracks([np.float32([[i, 0], [i + 5, 90]]) for i in range(20)])
    first, second = change(drawing, generator), change(drawing, generator)
    assert not np.array_equal(
        np.concatenate(first.strokes)[:5], np.concatenate(second.strokes)[:5]
    )


@given(DRAWINGS.filter(len), st.floats(0, 2), st.integers(0, 99))
def test_dropped_strokes_hold_no_more_than_their_share_and_one_stays(drawing, share, seed):
    sketch = with_tracks(drawing)
    kept = drop_strokes(sketch, share, generator=np.random.default_rng(seed))
    assert kept.strokes
    numbers = [times[0] for times in sketch.times]
    which = [numbers.index(times[0]) for times in kept.times]
    for stroke, i in zip(kept.strokes, which, strict=True):
        np.testing.assert_array_equal(stroke, drawing[i])
    ink = stroke_lengths(sketch)
    dots_are_worth = 0.01 * np.ptp(np.concatenate(drawing), axis=0).max() * len(drawing)
    assert ink.sum() - ink[which].sum() <= share * (ink.sum() + dots_are_worth) + 1e-6


def test_every_stroke_is_dropped_now_and_then(generator):
    sketch = with_tracks([np.float32([[0, i], [10, i]]) for i in range(4)])
    kept = [
        {float(times[0]) for times in drop_strokes(sketch, 0.5, generator=generator).times}
        for _ in range(200)
    ]
    assert {len(k) for k in kept} == {2}
    assert {number for k in kept for number in k} == {0, 2, 4, 6}


def test_affine_keeps_the_middle_of_the_canvas_and_the_area(generator):
    square = Sketch((np.float32([[128, 128], [138, 128], [128, 138]]),), 256.0)
    for _ in range(50):
        changed = affine(square, rotation=30.0, stretch=0.5, shear=0.3, generator=generator)
        middle, right, down = changed.strokes[0].astype(np.float64)
        np.testing.assert_allclose(middle, [128, 128], atol=1e-4)
        (ux, uy), (vx, vy) = right - middle, down - middle
        assert ux * vy - uy * vx == pytest.approx(100, rel=1e-4)


def test_affine_turns_up_to_the_rotation_both_ways(generator):
    ray = Sketch((np.float32([[128, 128], [228, 128]]),), 256.0)
    turns = []
    for _ in range(500):
        changed = affine(ray, rotation=20.0, stretch=0.0, shear=0.0, generator=generator)
        x, y = changed.strokes[0][1] - 128
        assert np.hypot(x, y) == pytest.approx(100, rel=1e-5)
        turns.append(np.degrees(np.arctan2(y, x)))
    assert -20.001 <= min(turns) < -18
    assert 18 < max(turns) <= 20.001


def test_affine_stretches_width_over_height_up_to_the_exponential(generator):
    cross = Sketch((np.float32([[228, 128], [128, 228]]),), 256.0)
    aspects = []
    for _ in range(500):
        changed = affine(cross, rotation=0.0, stretch=0.4, shear=0.0, generator=generator)
        (width, _), (_, height) = changed.strokes[0] - 128
        aspects.append(np.log(width / height))
    assert -0.4001 <= min(aspects) < -0.37
    assert 0.37 < max(aspects) <= 0.4001


def test_affine_slants_x_by_y_up_to_the_shear(generator):
    plumb = Sketch((np.float32([[128, 228], [228, 128]]),), 256.0)
    slants = []
    for _ in range(500):
        changed = affine(plumb, rotation=0.0, stretch=0.0, shear=0.3, generator=generator)
        down, right = changed.strokes[0] - 128
        np.testing.assert_allclose(right, [100, 0], atol=1e-4)
        slants.append(down[0] / down[1])
    assert -0.3001 <= min(slants) < -0.27
    assert 0.27 < max(slants) <= 0.3001


def test_jittered_strokes_keep_their_shape_and_move_by_the_deviation(generator):
    strokes = [np.float32([[i, 0], [i + 1, 50], [i, 100]]) for i in range(0, 200, 2)]
    offsets = []
    for _ in range(20):
        changed = jitter_strokes(with_tracks(strokes), 0.05, generator=generator)
        for before, after in zip(strokes, changed.strokes, strict=True):
            moves = after - before
            np.testing.assert_allclose(moves, moves[:1].repeat(3, axis=0), atol=1e-4)
            offsets.append(moves[0])
    # The extent is 199, so one deviation of 0.05 is 9.95 pixels.
    np.testing.assert_allclose(np.std(offsets, axis=0), 9.95, rtol=0.1)
    np.testing.assert_allclose(np.mean(offsets, axis=0), 0, atol=1.0)


def test_jittered_points_move_by_the_deviation_at_the_ends(generator):
    line = with_tracks([np.float32([[0, 0], [200, 0]])])
    moves = [
        jitter_points(line, 0.05, generator=generator).strokes[0] - line.strokes[0]
        for _ in range(1000)
    ]
    np.testing.assert_allclose(np.std(moves, axis=0), 10, rtol=0.1)


def test_the_wobble_of_a_dense_line_is_smooth(generator):
    line = resample(Sketch((np.float32([[0, 0], [200, 0]]),), 256.0), 1.0)
    changed = jitter_points(line, 0.02, generator=generator)
    wobble = (changed.strokes[0] - line.strokes[0]).astype(np.float64)
    bends = np.abs(np.diff(wobble, n=2, axis=0)).max(axis=1)
    # 33 knots over 201 points: only where two straight pieces meet does the wobble bend.
    assert wobble.std() > 1
    assert (bends > 1e-3).sum() <= 2 * 33


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_strength_is_a_number_that_is_not_negative(value, generator):
    sketch = with_tracks([np.float32([[0, 0], [1, 1]])])
    calls = {
        "share": lambda: drop_strokes(sketch, value, generator=generator),
        "stretch": lambda: affine(
            sketch, rotation=1.0, stretch=value, shear=0.0, generator=generator
        ),
        "deviation": lambda: jitter_points(sketch, value, generator=generator),
    }
    for name, call in calls.items():
        with pytest.raises(SketchFormatError, match=f"{name} is .* must be a number"):
            call()
    with pytest.raises(SketchFormatError, match="deviation is"):
        jitter_strokes(sketch, value, generator=generator)
