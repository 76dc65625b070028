import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from inkseek.errors import ModelError, SketchFormatError
from inkseek.server.problems import ConflictError, NotFoundError, NotSupportedError
from inkseek.server.schema import DrawnSketch
from inkseek.server.tidying import MAX_STROKES, MAX_WAITING, Tidying

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


@pytest.mark.parametrize("count", [0, MAX_STROKES + 1])
def test_too_little_and_too_much_are_refused(count):
    with pytest.raises(SketchFormatError, match=f"has {count} strokes, but 1 to {MAX_STROKES}"):
        Tidying(spread).tidy(drawn([LINES[0]] * count))


@pytest.mark.parametrize("canvas_size", [1e-320, 1e-6, 0.001])
def test_a_drawing_far_from_its_canvas_is_refused(canvas_size):
    far = DrawnSketch(canvas_size=canvas_size, strokes=LINES)
    with pytest.raises(SketchFormatError, match="scale the drawing to its canvas"):
        Tidying(spread).tidy(far)


def test_a_model_that_cannot_be_loaded_is_no_mistake_of_ours():
    def fail(sketch):
        raise ModelError("drawing needs torch; install it")

    with pytest.raises(NotSupportedError, match="drawing needs torch; install it"):
        Tidying(fail).tidy(drawn())


def test_one_drawing_at_a_time_and_a_short_queue():
    begun, may_end = threading.Semaphore(0), threading.Event()
    at_once, seen = [], []

    def wait(sketch):
        at_once.append(1)
        seen.append(len(at_once))
        begun.release()
        may_end.wait(60)
        at_once.pop()
        return sketch

    tidying = Tidying(wait)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(tidying.tidy(drawn())))
        for _ in range(MAX_WAITING)
    ]
    for thread in threads:
        thread.start()
    begun.acquire()
    # The others are about to wait for their turn.
    end = time.monotonic() + 30
    while tidying._places._value:
        assert time.monotonic() < end
        time.sleep(0.01)
    with pytest.raises(ConflictError, match="try again in a moment"):
        tidying.tidy(drawn())
    may_end.set()
    for thread in threads:
        thread.join()
    assert len(answers) == MAX_WAITING
    assert seen == [1] * MAX_WAITING
    assert tidying.tidy(drawn()).moves == [(0, 0), (0, 0)]


def test_a_failure_leaves_no_place_taken():
    def fail(sketch):
        raise SketchFormatError("cannot be tidied; draw it again")

    tidying = Tidying(fail)
    for _ in range(2 * MAX_WAITING):
        with pytest.raises(SketchFormatError, match="cannot be tidied"):
            tidying.tidy(drawn())
