import threading
import time

import numpy as np
import pytest

from inkseek.errors import ModelError, SketchFormatError
from inkseek.server.problems import ConflictError, NotFoundError, NotSupportedError
from inkseek.server.schema import DrawnSketch
from inkseek.server.suggesting import Suggesting
from inkseek.server.tidying import Tidying
from inkseek.server.turns import Turns
from inkseek.strokes.sketch import Sketch

PATIENCE = 30


def drawn(*strokes):
    return DrawnSketch(canvas_size=8.0, strokes=strokes or [[[0, 0], [0, 8, 5, 0.5]]])


def repeat(sketch, count, seed):
    """What was drawn, further and further to the right."""
    assert sketch.canvas_size == 1
    return [
        Sketch(tuple(stroke + np.float32([i + seed, 0]) for stroke in sketch.strokes), 1.0)
        for i in range(count)
    ]


def test_drawings_come_back_on_the_canvas_that_was_asked_about():
    answer = Suggesting(repeat).suggest(drawn(), 2, 3)
    assert [each.canvas_size for each in answer.sketches] == [8, 8]
    # Milliseconds and pressure are of the hand, which did not draw these.
    assert [each.strokes for each in answer.sketches] == [
        [[[24, 0], [24, 8]]],
        [[[32, 0], [32, 8]]],
    ]


def test_nothing_may_be_fit_to_show():
    assert Suggesting(lambda *_: []).suggest(drawn(), 4, 0).sketches == []


def test_without_a_model_it_says_how_to_get_one():
    assert not Suggesting().is_possible
    Suggesting().warm()
    with pytest.raises(NotFoundError, match=r"inkseek serve --tidy MODEL"):
        Suggesting().suggest(drawn(), 4, 0)


def test_a_drawing_that_is_not_fit_is_refused():
    with pytest.raises(SketchFormatError, match="has 0 strokes"):
        Suggesting(repeat).suggest(DrawnSketch(canvas_size=8.0, strokes=[]), 4, 0)


def test_a_model_that_cannot_be_loaded_is_no_mistake_of_ours():
    def fail(*_):
        raise ModelError("drawing needs torch; install it")

    with pytest.raises(NotSupportedError, match="drawing needs torch; install it"):
        Suggesting(fail).suggest(drawn(), 4, 0)
    with pytest.raises(ModelError, match="drawing needs torch; install it"):
        Suggesting(fail).warm()


def test_the_model_is_loaded_by_one_small_drawing():
    asked = []

    def note(sketch, count, seed):
        asked.append((sketch.num_points, count))
        return []

    Suggesting(note).warm()
    assert asked == [(1, 1)]


def test_the_newest_drawing_wins_while_another_one_is_tidied():
    begun, may_end = threading.Event(), threading.Event()

    def wait(sketch):
        begun.set()
        may_end.wait(PATIENCE)
        return sketch

    turns = Turns()
    tidying, suggesting = Tidying(wait, turns), Suggesting(repeat, turns)
    outcomes = {}

    def ask(name):
        try:
            outcomes[name] = suggesting.suggest(drawn(), 1, 0)
        except ConflictError as error:
            outcomes[name] = str(error)

    threads = [threading.Thread(target=tidying.tidy, args=(drawn(),))]
    threads[0].start()
    assert begun.wait(PATIENCE)
    for name in ("old", "new"):
        threads.append(threading.Thread(target=ask, args=(name,)))
        threads[-1].start()
        end = time.monotonic() + PATIENCE
        while not turns._changed._waiters:
            assert time.monotonic() < end
            time.sleep(0.005)
    threads[1].join(PATIENCE)
    assert outcomes == {"old": "a newer drawing came in between; ask again"}
    may_end.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(outcomes["new"].sketches) == 1
