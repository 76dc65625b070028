from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.errors import ModelError, SketchFormatError
from inkseek.metrics.generation import recognition_rate, stroke_displacement
from inkseek.strokes.geometry import bounds
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc import reorganise as tasks
from inkseek.systems.sketchgloc.disturb import disturb

pytestmark = pytest.mark.slow


@pytest.fixture
def pairs(layouts, generator):
    """Clean test sketches, and the same with 30 % misplaced strokes."""
    clean = [layouts.sketches[int(i)] for i in layouts.rows("test")]
    moved = [replace(s, strokes=tuple(disturb(s.strokes, 0.3, generator=generator))) for s in clean]
    return clean, moved


def centres(sketches):
    """Where the last two strokes lie from the first: what a layout is."""
    rows = []
    for sketch in sketches:
        middle = [(s.min(axis=0) + s.max(axis=0)) / 2 for s in sketch.strokes[:3]]
        middle += [middle[0]] * (3 - len(middle))
        rows.append(np.concatenate([middle[1] - middle[0], middle[2] - middle[0]]))
    return np.array(rows)


def layout_rate(sketches, layouts):
    """Rec, by the nearest mean layout of the clean training sketches."""
    train = layouts.rows("train")
    places = centres([layouts.sketches[int(i)] for i in train])
    means = np.stack([places[layouts.category[train] == c].mean(axis=0) for c in range(3)])
    distances = np.linalg.norm(centres(sketches)[:, None] - means, axis=2)
    # A layout counts as recognised when it is near, not just nearest of three.
    scores = np.concatenate([-distances, np.full((len(sketches), 1), -60.0)], axis=1)
    return recognition_rate(scores, layouts.category[layouts.rows("test")])


def test_redrawn_sketches_are_recognised_more_than_disturbed_ones(learnt, layouts, pairs):
    clean, moved = pairs
    redrawn = [tasks.reorganise(learnt, sketch) for sketch in moved]
    assert layout_rate(clean, layouts) == 1
    assert layout_rate(redrawn, layouts) > layout_rate(moved, layouts) + 0.2


def test_tidied_strokes_are_nearer_to_where_they_belong(learnt, pairs):
    clean, moved = pairs
    tidied = [tasks.tidy(learnt, sketch) for sketch in moved]
    before, after = (
        np.mean(
            [stroke_displacement(a.strokes, b.strokes) for a, b in zip(some, clean, strict=True)]
        )
        for some in (moved, tidied)
    )
    assert after < 0.6 * before


def test_the_less_hands_stray_the_less_is_moved(learnt, pairs):
    clean, moved = pairs
    far = [
        np.abs(tasks.measure_moves(s, tasks.tidy(learnt, s))).mean() for s in (clean[0], moved[0])
    ]
    assert far[0] < far[1] / 3
    told = tasks.measure_moves(moved[0], tasks.tidy(learnt, moved[0], stray=1e-4))
    np.testing.assert_allclose(told, 0, atol=0.5)


def test_a_dot_cannot_stray(learnt):
    dot = Sketch((np.float32([[3, 4]]), np.float32([[3, 4]])), 256.0)
    assert np.isfinite(np.concatenate(tasks.tidy(learnt, dot).strokes)).all()


def test_tidying_keeps_the_users_strokes(learnt, pairs):
    sketch = replace(
        pairs[1][0],
        times=tuple(np.arange(len(s), dtype=np.float32) for s in pairs[1][0].strokes),
    )
    tidied = tasks.tidy(learnt, sketch)
    assert tidied.times is sketch.times
    assert np.array_equal(tidied.strokes[0], sketch.strokes[0])
    for before, after in zip(sketch.strokes, tidied.strokes, strict=True):
        np.testing.assert_allclose(after - after[:1], before - before[:1], atol=1e-3)


def test_the_canvas_does_not_matter(learnt, pairs):
    sketch = pairs[1][0]
    double = Sketch(tuple(2 * s + 40 for s in sketch.strokes), 2 * sketch.canvas_size)
    for task in (tasks.tidy, tasks.reorganise):
        for one, other in zip(
            task(learnt, sketch).strokes, task(learnt, double).strokes, strict=True
        ):
            np.testing.assert_allclose(2 * one + 40, other, atol=0.05)
    np.testing.assert_allclose(
        tasks.encode(learnt, [sketch]), tasks.encode(learnt, [double]), atol=1e-4
    )


def test_many_strokes_and_long_ones_are_taken(learnt, generator):
    strokes = generator.uniform(0, 256, (60, 2, 2)).astype(np.float32)
    walk = generator.normal(size=(3000, 2)).cumsum(axis=0).astype(np.float32)
    wild = Sketch((*strokes, walk, walk[:1]), 256.0)
    tidied = tasks.tidy(learnt, wild)
    assert [len(s) for s in tidied.strokes] == [len(s) for s in wild.strokes]
    assert np.isfinite(np.concatenate(tidied.strokes)).all()
    assert tasks.reorganise(learnt, wild).num_points <= learnt.config.max_seq_len


def test_generated_sketches_are_of_the_category(learnt, layouts):
    generator = torch.Generator().manual_seed(0)
    for name in layouts.names:
        made = [tasks.generate(learnt, name, generator=generator) for _ in range(8)]
        wide = [bounds(s)[2] - bounds(s)[0] > 200 for s in made]
        high = [bounds(s)[3] - bounds(s)[1] > 200 for s in made]
        assert np.mean(wide) >= 0.5 if name != "tower" else np.mean(high) >= 0.5
    with pytest.raises(ModelError, match="dragon"):
        tasks.generate(learnt, "dragon", generator=generator)


def test_generation_follows_its_generator(learnt, pairs):
    made = [
        tasks.generate(learnt, pairs[0][0], generator=torch.Generator().manual_seed(s)).strokes
        for s in (1, 1, 2)
    ]
    first, again, other = (np.concatenate(strokes) for strokes in made)
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_a_blend_begins_and_ends_with_its_ends(learnt, pairs):
    first, last = pairs[0][0], pairs[0][1]
    steps = tasks.interpolate(learnt, first, last, 5)
    ends = tasks.decode(learnt, tasks.encode(learnt, [first, last]))
    assert len(steps) == 5
    for step, end in ((steps[0], ends[0]), (steps[-1], ends[1])):
        np.testing.assert_allclose(
            np.concatenate(step.strokes), np.concatenate(end.strokes), atol=0.05
        )
    with pytest.raises(SketchFormatError, match="both ends"):
        tasks.interpolate(learnt, first, last, 1)


def test_no_codes_are_no_sketches(learnt):
    assert tasks.decode(learnt, np.zeros((0, 8), dtype=np.float32)) == []
