import numpy as np
import pytest

from inkseek.errors import ModelError
from inkseek.server.drawing_model import DrawingModel
from inkseek.server.generating import Generating
from inkseek.server.problems import ConflictError, NotFoundError, NotSupportedError
from inkseek.server.schema import DrawnSketch, GenerateRequest, InterpolateRequest
from inkseek.server.turns import MAX_WAITING, Turns
from inkseek.strokes.sketch import Sketch

LINE = DrawnSketch(canvas_size=8.0, strokes=[[[0, 0], [0, 8]]])
DOT = DrawnSketch(canvas_size=4.0, strokes=[[[1, 1]]])


def test_a_given_drawing_is_shown_on_a_canvas_of_side_one():
    seen = []

    def note(like, count, seed, temperature):
        seen.append((like, count, seed, temperature))
        return []

    request = GenerateRequest(sketch=LINE, count=3, seed=7, temperature=0.5)
    assert Generating(DrawingModel(generate=note)).generate(request).sketches == []
    ((like, *rest),) = seen
    assert like.canvas_size == 1
    np.testing.assert_array_equal(like.strokes, [[[0, 0], [0, 1]]])
    assert rest == [3, 7, 0.5]


def test_the_way_begins_at_the_first_drawing():
    model = DrawingModel(interpolate=lambda first, last, count: [first, last][:count])
    answer = Generating(model).interpolate(InterpolateRequest(first=LINE, last=DOT, count=2))
    assert [each.strokes for each in answer.sketches] == [[[[0, 0], [0, 1]]], [[[0.25, 0.25]]]]


def test_only_known_categories_are_drawn():
    model = DrawingModel(
        generate=lambda like, *_: [Sketch((np.zeros((1, 2), np.float32),), 2.0)],
        categories=lambda: ["cat"],
    )
    assert Generating(model).categories() == ["cat"]
    assert len(Generating(model).generate(GenerateRequest(category="cat")).sketches) == 1
    with pytest.raises(NotFoundError, match=r"no category 'dog'; known: cat"):
        Generating(model).generate(GenerateRequest(category="dog"))


def test_what_there_is_no_function_for_is_refused():
    generating = Generating()
    for ask in (
        generating.categories,
        lambda: generating.generate(GenerateRequest(category="cat")),
        lambda: generating.interpolate(InterpolateRequest(first=LINE, last=DOT)),
    ):
        with pytest.raises(NotFoundError, match="inkseek serve --tidy MODEL"):
            ask()


def test_a_model_that_cannot_be_loaded_is_no_mistake_of_ours():
    def fail():
        raise ModelError("drawing needs torch; install it")

    model = DrawingModel(generate=lambda *_: [], categories=fail)
    with pytest.raises(NotSupportedError, match="drawing needs torch; install it"):
        Generating(model).categories()


def test_it_takes_turns_with_whatever_else_draws():
    turns = Turns()
    generating = Generating(DrawingModel(generate=lambda *_: []), turns)
    turns._num_places = MAX_WAITING
    with pytest.raises(ConflictError, match="other drawings"):
        generating.generate(GenerateRequest(sketch=LINE))
