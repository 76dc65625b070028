from dataclasses import replace

import numpy as np
import pytest

from inkseek.errors import ModelError, SketchFormatError
from inkseek.server.problems import NotFoundError, NotSupportedError
from inkseek.server.schema import DrawnSketch
from inkseek.server.tidying import Tidying
from inkseek.server.turns import MAX_WAITING

LINES = [[[0, 0], [0, 9]], [[4, 0, 7, 0.5], [4, 9, 8, 0.25]]]


def drawn(strokes=LINES):
    return DrawnSketch(canvas_size=8.0, strokes=strokes)


def spread(sketch):
    """Move stroke i by (i, -i) eighths of the canvas."""
    assert sketch.canvas_size == 1
    moved = (stroke + np.float32([i, -i]) / 8 for i, stroke in enumerate(sketch.strokes))
    return replace(sketch, strokes=tuple(moved))


def test_each_stroke_comes_back_in_one_piece_with_how_far_it_moved():
    answer = Tidying(spread).tidy(drawn())
    assert answer.moves == [(0, 0), (1, -1)]
    # Milliseconds and pressure stay.
    assert answer.strokes == [[[0, 0], [0, 9]], [[5, -1, 7, 0.5], [5, 8, 8, 0.25]]]
    assert answer.canvas_size == 8


def test_strokes_without_points_keep_their_place_in_the_order():
    answer = Tidying(spread).tidy(drawn([[], LINES[0], [], LINES[1]]))
    assert answer.moves == [(0, 0), (0, 0), (0, 0), (1, -1)]
    assert [len(stroke) for stroke in answer.strokes] == [0, 2, 0, 2]


def test_without_a_model_it_says_how_to_get_one():
    assert not Tidying().is_possible
    with pytest.raises(NotFoundError, match=r"inkseek serve --tidy MODEL"):
        Tidying().tidy(drawn())


def test_a_drawing_that_is_not_fit_is_refused():
    with pytest.raises(SketchFormatError, match="has 0 strokes"):
        Tidying(spread).tidy(drawn([]))


def test_a_model_that_cannot_be_loaded_is_no_mistake_of_ours():
    def fail(sketch):
        raise ModelError("drawing needs torch; install it")

    with pytest.raises(NotSupportedError, match="drawing needs torch; install it"):
        Tidying(fail).tidy(drawn())


def test_a_failure_leaves_no_place_taken():
    def fail(sketch):
        raise SketchFormatError("cannot be tidied; draw it again")

    tidying = Tidying(fail)
    for _ in range(2 * MAX_WAITING):
        with pytest.raises(SketchFormatError, match="cannot be tidied"):
            tidying.tidy(drawn())
