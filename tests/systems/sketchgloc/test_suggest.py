from dataclasses import replace

import numpy as np
import pytest

from inkseek.strokes.geometry import bounds, fit
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc import suggest as suggesting
from inkseek.systems.sketchgloc.reorganise import CANVAS_SIZE, encode
from inkseek.systems.sketchgloc.suggest import NUM_TRIED, are_alike, suggest

pytestmark = pytest.mark.slow


@pytest.fixture
def drawing(layouts):
    """A row of three shapes."""
    rows = layouts.rows("test")
    wide = rows[layouts.category[rows] == layouts.names.index("row")]
    return layouts.sketches[int(wide[0])]


@pytest.fixture
def all_shown(monkeypatch):
    """The layouts leave so little room that most of what is drawn looks the same."""
    monkeypatch.setattr(suggesting, "ALIKE", 0)


@pytest.fixture
def drawn(monkeypatch):
    """Let the decoder draw these sketches, and see the codes it was given."""
    codes = []

    def put(*sketches):
        def decode(model, rows, **_):
            codes.append(rows)
            return list(sketches)

        monkeypatch.setattr(suggesting, "decode", decode)
        return codes

    return put


def line(*points):
    return np.float32(points)


def sizes(sketch):
    left, top, right, bottom = bounds(sketch)
    return (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top)


def same(first, second):
    return len(first) == len(second) and all(
        np.array_equal(a, b)
        for one, other in zip(first, second, strict=True)
        for a, b in zip(one.strokes, other.strokes, strict=True)
    )


def test_what_is_suggested_looks_like_what_is_drawn(learnt, layouts):
    rows = layouts.rows("test")
    for number, name in enumerate(layouts.names):
        sketch = layouts.sketches[int(rows[layouts.category[rows] == number][0])]
        boxes = [bounds(fit(each, 256.0)) for each in suggest(learnt, sketch, 4, seed=0)]
        assert boxes
        wide = np.mean([right - left > 200 for left, _, right, _ in boxes])
        high = np.mean([bottom - top > 200 for _, top, _, bottom in boxes])
        assert wide >= 0.5 if name != "tower" else high >= 0.5
        assert name != "row" or high <= 0.5


def test_the_seed_decides_and_fewer_are_the_first_of_more(learnt, drawing, all_shown):
    four, again, two, other = (
        suggest(learnt, drawing, count, seed=seed)
        for count, seed in ((4, 1), (4, 1), (2, 1), (4, 2))
    )
    assert len(four) == 4
    assert same(four, again)
    assert same(four[:2], two)
    assert not same(four, other)


def test_it_does_not_matter_where_and_how_large_one_draws(learnt, drawing, all_shown):
    def place(scale, shift):
        return Sketch(tuple(scale * s + np.float32(shift) for s in drawing.strokes), 1000.0)

    large, small = place(3.0, [100, 400]), place(1.5, [200, 300])
    pairs = zip(suggest(learnt, large, 3, seed=0), suggest(learnt, small, 3, seed=0), strict=True)
    for one, other in pairs:
        assert sizes(one) == pytest.approx(sizes(large), abs=0.1)
        assert sizes(other) == pytest.approx(sizes(small), abs=0.1)
        for a, b in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_allclose((a - a[0]) / 2, b - b[0], atol=0.5)


@pytest.mark.parametrize(
    "strokes",
    [
        (line([3, 4]),),
        (line([0, 99], [100, 99]),),
        (line([-500, 20], [700, 30]), line([0, 0])),
        (line([1e5, 1e5], [1e5, 1e5]),),
        tuple(line([i, 0], [i, 90]) for i in range(60)),
    ],
    ids=["dot", "at the edge", "beyond the canvas", "far away", "many strokes"],
)
def test_suggestions_lie_on_the_canvas(learnt, strokes):
    made = suggest(learnt, Sketch(strokes, 100.0), 4, seed=0)
    assert made
    for sketch in made:
        assert sketch.canvas_size == 100
        left, top, right, bottom = bounds(sketch)
        assert min(left, top) >= -1e-3
        assert max(right, bottom) <= 100 + 1e-3
        assert max(right - left, bottom - top) >= 25 - 1e-3


def test_all_are_drawn_at_once_half_of_the_way_to_the_nearest_known(learnt, drawing, drawn):
    codes = drawn()
    assert suggest(learnt, drawing, 4, seed=0) == []
    (rows,) = codes
    (own,) = encode(learnt, [fit(drawing, CANVAS_SIZE)])
    known = [code for each in learnt.codes.values() for code in each]
    nearest = sorted(known, key=lambda code: float(((code - own) ** 2).sum()))[:NUM_TRIED]
    assert len(rows) == NUM_TRIED
    np.testing.assert_allclose(rows, [(code + own) / 2 for code in nearest], atol=1e-5)


def test_a_model_with_few_codes_or_none_draws_variations(learnt, drawing, drawn):
    bare = replace(learnt, codes={"none": np.zeros((0, 8), np.float32)})
    assert suggest(bare, drawing, 2, seed=0)
    codes = drawn()
    suggest(bare, drawing, 2, seed=0)
    suggest(replace(learnt, codes={"row": learnt.codes["row"][:2]}), drawing, 2, seed=0)
    assert [rows.shape for rows in codes] == [(NUM_TRIED, 8)] * 2
    assert len(np.unique(codes[0], axis=0)) == 1
    assert len(np.unique(codes[1], axis=0)) == 2


def test_those_nearest_to_the_code_of_the_drawing_come_first(
    learnt, layouts, drawing, drawn, all_shown
):
    others = [layouts.sketches[int(i)] for i in layouts.rows("val")]
    drawn(*others)
    made = suggest(learnt, drawing, len(others), seed=0)
    assert len(made) > 2
    codes = encode(learnt, [fit(drawing, CANVAS_SIZE), *(fit(each, CANVAS_SIZE) for each in made)])
    away = np.square(codes[1:] - codes[0]).mean(axis=1)
    np.testing.assert_array_less(away[:-1], away[1:] + 1e-4)
    assert away[0] < away[-1] / 2


def test_what_is_empty_or_seen_already_is_left_out(learnt, layouts, drawing, drawn):
    rows = layouts.rows("val")
    other = layouts.sketches[int(rows[layouts.category[rows] == layouts.names.index("tower")][0])]
    backwards = Sketch(tuple(stroke[::-1].copy() for stroke in other.strokes[::-1]), 256.0)
    nothing, dot = Sketch((), 256.0), Sketch((line([5, 5], [5, 5]),), 256.0)
    drawn(nothing, drawing, dot, other, backwards)
    (made,) = suggest(learnt, drawing, 4, seed=0)
    assert are_alike(fit(made, CANVAS_SIZE), fit(other, CANVAS_SIZE))


def test_lines_are_alike_when_each_covers_the_other():
    side = CANVAS_SIZE
    low, high = line([0, side], [side, side]), line([0, 0], [side, 0])
    bottom, both = Sketch((low,), side), Sketch((low, high), side)
    pieces = Sketch((line([side, side], [side / 3, side]), line([0, side], [side / 3, side])), side)
    assert are_alike(bottom, pieces)
    # A way of 2 % on both sides is the most that is not seen.
    for step, alike in ((0.019, True), (0.021, False)):
        moved = Sketch((low - np.float32([0, step * side]),), side)
        assert are_alike(bottom, moved) is alike
    # One line lies on the other, but not the other way round.
    assert not are_alike(bottom, both)
    assert not are_alike(both, bottom)
