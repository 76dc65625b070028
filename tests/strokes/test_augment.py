import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.augment import affine, drop_strokes, jitter_points, jitter_strokes
from inkseek.strokes.geometry import bounds, stroke_lengths
from inkseek.strokes.sketch import Sketch

CHANGES = {
    "drop_strokes": lambda sketch, generator: drop_strokes(sketch, 0.5, generator=generator),
    "jitter_points": lambda sketch, generator: jitter_points(sketch, 0.01, generator=generator),
    "jitter_strokes": lambda sketch, generator: jitter_strokes(sketch, 0.01, generator=generator),
    "affine": lambda sketch, generator: affine(
        sketch, rotation=8.0, stretch=0.1, shear=0.1, generator=generator
    ),
}
NOTHING = {
    "drop_strokes": lambda sketch, generator: drop_strokes(sketch, 0.0, generator=generator),
    "jitter_points": lambda sketch, generator: jitter_points(sketch, 0.0, generator=generator),
    "jitter_strokes": lambda sketch, generator: jitter_strokes(sketch, 0.0, generator=generator),
    "affine": lambda sketch, generator: affine(
        sketch, rotation=0.0, stretch=0.0, shear=0.0, generator=generator
    ),
}
each_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@pytest.fixture
def sketch() -> Sketch:
    """Twelve strokes of thirty points and a dot; the times number the points."""
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 4, (12, 30, 2))
    strokes = [(np.cumsum(s, axis=0) + rng.uniform(50, 200, 2)).astype(np.float32) for s in steps]
    strokes.append(np.float32([[100, 100]]))
    ends = np.cumsum([len(stroke) for stroke in strokes])
    times = [
        np.arange(end - len(stroke), end, dtype=np.float32)
        for stroke, end in zip(strokes, ends, strict=True)
    ]
    return Sketch(tuple(strokes), 256.0, times=tuple(times))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def join(sketch: Sketch) -> np.ndarray:
    return np.concatenate(sketch.strokes).astype(np.float64)


def extent(sketch: Sketch) -> float:
    left, top, right, bottom = bounds(sketch)
    return max(right - left, bottom - top)


@each_change
def test_the_same_generator_state_gives_the_same_sketch(change, sketch):
    np.testing.assert_array_equal(join(change(sketch, rng(1))), join(change(sketch, rng(1))))


@each_change
def test_another_generator_state_gives_another_sketch(change, sketch):
    one, other = (join(change(sketch, rng(seed))) for seed in (1, 2))
    assert one.shape != other.shape or (one != other).any()


@each_change
def test_the_given_sketch_stays_as_it_was(change, sketch):
    before = join(sketch)
    change(sketch, rng(1))
    np.testing.assert_array_equal(join(sketch), before)


@each_change
def test_times_follow_their_points(change, sketch):
    changed = change(sketch, rng(1))
    assert changed.canvas_size == sketch.canvas_size
    numbers = np.concatenate(changed.times).astype(int)
    # Nothing here moves a point by a third of the sketch, so that order tells them apart.
    assert np.abs(join(changed) - join(sketch)[numbers]).max() < extent(sketch) / 3


@each_change
def test_an_empty_sketch_stays_empty(change):
    assert change(Sketch((), 8.0), rng(1)).strokes == ()


@each_change
def test_a_single_dot_stays_a_dot_about_where_it_is(change):
    dot = Sketch((np.float32([[3, 4]]),), 8.0)
    for seed in range(20):
        np.testing.assert_allclose(change(dot, rng(seed)).strokes[0], [[3, 4]], atol=0.2)


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_no_strength_is_no_change(change, sketch):
    np.testing.assert_allclose(join(change(sketch, rng(1))), join(sketch), rtol=0, atol=1e-4)


@each_change
def test_twice_the_sketch_is_changed_twice_as_much(change, sketch):
    double = Sketch(tuple(stroke * 2 for stroke in sketch.strokes), 512.0)
    one, two = join(change(sketch, rng(1))), join(change(double, rng(1)))
    np.testing.assert_allclose(two, one * 2, atol=1e-3)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9, 1.0])
def test_no_more_than_the_share_of_ink_is_dropped_and_one_stroke_stays(share, sketch):
    counts = set()
    for seed in range(50):
        kept = drop_strokes(sketch, share, generator=rng(seed))
        counts.add(len(kept.strokes))
        assert len(kept.strokes) >= 1
        lost = 1 - stroke_lengths(kept).sum() / stroke_lengths(sketch).sum()
        assert lost <= share * 1.05
    assert min(counts) < len(sketch.strokes)


def test_whole_strokes_are_dropped_in_drawing_order(sketch):
    kept = drop_strokes(sketch, 0.5, generator=rng(0))
    numbers = [int(track[0]) for track in kept.times]
    assert numbers == sorted(numbers)
    for stroke, number in zip(kept.strokes, numbers, strict=True):
        np.testing.assert_array_equal(stroke, sketch.strokes[number // 30])


def test_every_stroke_may_be_dropped(sketch):
    survivors = [
        {int(track[0]) for track in drop_strokes(sketch, 0.5, generator=rng(seed)).times}
        for seed in range(60)
    ]
    assert set.intersection(*survivors) == set()
    assert set.union(*survivors) == {int(track[0]) for track in sketch.times}


def test_dots_alone_never_vanish():
    dots = Sketch((np.float32([[1, 1]]),) * 5, 8.0)
    assert all(len(drop_strokes(dots, 1.0, generator=rng(s)).strokes) == 1 for s in range(20))


def measure_moves(sketch: Sketch, change, times: int) -> np.ndarray:
    return np.stack([join(change(sketch, rng(seed))) - join(sketch) for seed in range(times)])


def test_the_wobble_has_the_deviation_it_should(sketch):
    moves = measure_moves(sketch, CHANGES["jitter_points"], 50)
    # Between two knots a wobble is a mean of both, so less than at them.
    assert 0.7 < np.std(moves) / (0.01 * extent(sketch)) < 1.0
    assert abs(np.mean(moves)) < 0.001 * extent(sketch)


def test_the_wobble_is_smooth_along_a_dense_line():
    line = Sketch((np.stack([np.linspace(0, 200, 2001)] * 2, axis=1).astype(np.float32),), 256.0)
    wobble = measure_moves(line, CHANGES["jitter_points"], 1)[0]
    bends = np.abs(np.diff(wobble, n=2, axis=0)).max(axis=1) > 1e-3
    # Straight between knots: a bend takes two differences, a knot is 6 points from the next.
    assert bends.mean() < 2.5 / 6
    assert np.abs(np.diff(wobble, axis=0)).max() < 1.5 * np.std(wobble)


def test_strokes_wobble_each_on_its_own():
    dot = np.float32([[0, 0]])
    sketch = Sketch((np.float32([[0, 0], [100, 0]]), dot, dot), 256.0)
    wobble = measure_moves(sketch, CHANGES["jitter_points"], 100)
    correlations = np.corrcoef(wobble[:, :, 0].T)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 0.4


def test_every_knot_of_a_wobble_is_used_to_the_end_of_a_stroke(sketch):
    # Were an end to borrow the knot of the next stroke, ends would move too little.
    wobble = measure_moves(sketch, CHANGES["jitter_points"], 50)
    ends = wobble[:, [0, 29, 30, 59]]
    assert 0.85 < np.std(ends) / (0.01 * extent(sketch)) < 1.15


def test_strokes_move_on_their_own_and_keep_their_shape(sketch):
    moved = CHANGES["jitter_strokes"](sketch, rng(0))
    pairs = zip(sketch.strokes, moved.strokes, strict=True)
    moves = [after - before for before, after in pairs]
    for move in moves:
        np.testing.assert_allclose(move, np.broadcast_to(move[0], move.shape), atol=1e-4)
    firsts = np.array([move[0] for move in moves])
    assert 0.6 < np.std(firsts) / (0.01 * extent(sketch)) < 1.5
    assert len(np.unique(firsts.round(3), axis=0)) == len(sketch.strokes)


def fit_change(before: Sketch, after: Sketch) -> np.ndarray:
    """The 2 x 2 matrix that makes one sketch the other, up to a move."""
    arms, turned = (join(s) - join(s).mean(axis=0) for s in (before, after))
    change, *_ = np.linalg.lstsq(arms, turned, rcond=None)
    np.testing.assert_allclose(arms @ change, turned, atol=1e-3)
    return change.T


def draw_changes(sketch: Sketch, **strengths: float) -> np.ndarray:
    strengths = {"rotation": 0.0, "stretch": 0.0, "shear": 0.0} | strengths
    return np.stack(
        [fit_change(sketch, affine(sketch, **strengths, generator=rng(s))) for s in range(100)]
    )


def test_rotation_turns_up_to_its_limit_either_way(sketch):
    changes = draw_changes(sketch, rotation=30.0)
    np.testing.assert_allclose(changes @ changes.transpose(0, 2, 1), [np.eye(2)] * 100, atol=1e-4)
    angles = np.rad2deg(np.arctan2(changes[:, 1, 0], changes[:, 0, 0]))
    assert (np.linalg.det(changes) > 0).all()
    assert -30 <= angles.min() < -25
    assert 25 < angles.max() <= 30


def test_stretch_changes_the_aspect_and_keeps_the_area(sketch):
    changes = draw_changes(sketch, stretch=0.5)
    np.testing.assert_allclose(np.linalg.det(changes), 1, atol=1e-4)
    np.testing.assert_allclose(changes[:, [0, 1], [1, 0]], 0, atol=1e-4)
    aspects = changes[:, 0, 0] / changes[:, 1, 1]
    assert np.exp(-0.5) <= aspects.min() < 0.65
    assert 1.5 < aspects.max() <= np.exp(0.5)


def test_shear_slants_upright_lines_and_leaves_level_ones(sketch):
    changes = draw_changes(sketch, shear=0.3)
    np.testing.assert_allclose(changes[:, [0, 1, 1], [0, 0, 1]], [[1, 0, 1]] * 100, atol=1e-4)
    assert -0.3 <= changes[:, 0, 1].min() < -0.25
    assert 0.25 < changes[:, 0, 1].max() <= 0.3


def test_the_slant_is_made_before_the_stretch(sketch):
    changes = draw_changes(sketch, stretch=0.9, shear=0.3)
    slants = changes[:, 0, 1] / changes[:, 0, 0]
    assert 0.25 < slants.max() <= 0.3
    assert -0.3 <= slants.min() < -0.25
    np.testing.assert_allclose(np.linalg.det(changes), 1, atol=1e-4)


def test_affine_keeps_the_middle_of_the_canvas():
    cross = Sketch((np.float32([[28, 128], [228, 128]]), np.float32([[128, 8], [128, 248]])), 256.0)
    turned = affine(cross, rotation=90.0, stretch=0.2, shear=0.1, generator=rng(0))
    means = [stroke.mean(axis=0) for stroke in turned.strokes]
    np.testing.assert_allclose(means, [[128, 128]] * 2, atol=1e-3)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_strengths_are_numbers_that_are_not_negative(value, sketch):
    generator = rng(0)
    for change, name in (
        (drop_strokes, "share"),
        (jitter_points, "deviation"),
        (jitter_strokes, "deviation"),
    ):
        with pytest.raises(SketchFormatError, match=f"{name} is .* not negative"):
            change(sketch, value, generator=generator)
    for name in ("rotation", "stretch", "shear"):
        strengths = {"rotation": 0.0, "stretch": 0.0, "shear": 0.0} | {name: value}
        with pytest.raises(SketchFormatError, match=f"{name} is .* not negative"):
            affine(sketch, **strengths, generator=generator)
