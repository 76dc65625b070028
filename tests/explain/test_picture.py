import numpy as np
import pytest

from inkseek.explain.match import Explanation
from inkseek.explain.picture import COLOURS, PALE, draw_match, find_place
from inkseek.strokes.sketch import Sketch


@pytest.fixture
def sketch():
    strokes = ([[0, 0], [100, 0]], [[0, 100], [100, 100]], [[50, 50]])
    return Sketch(tuple(np.float32(stroke) for stroke in strokes), 100.0)


def explanation(adds):
    meetings = np.zeros((3, 2, 4), dtype=np.float32)
    meetings[:, 1, 3] = adds
    photo = np.float32([[0.1, 0.2, 0.0, 0.0], [0.0, 0.0, 0.1, 0.4]])
    return Explanation(0.8, photo, np.float32(adds), meetings)


def colours_of(picture):
    return {colour for _, colour in picture.getcolors(1 << 20)}


def test_the_strokes_that_add_most_have_the_first_colours_and_the_others_none(sketch):
    photo = np.full((30, 40, 3), 255, dtype=np.uint8)
    drawn = colours_of(draw_match(sketch, photo, explanation([0.1, -0.2, 0.3])))
    assert {COLOURS[0], COLOURS[1], PALE} <= drawn
    assert COLOURS[2] not in drawn


def test_places_are_shares_from_left_and_top():
    assert find_place(explanation([1.0, 1.0, 1.0]).meetings[0]) == (0.875, 0.75)


def test_a_place_lies_between_equal_parts_and_far_from_what_takes_away():
    meeting = np.float32([[1, -9, 1, -9], [0, 0, 0, 0]])
    assert find_place(meeting) == (0.375, 0.25)
    assert find_place(np.zeros((2, 4), np.float32)) == (0.5, 0.5)


def test_a_photo_without_any_similarity_is_drawn_dark(sketch):
    photo = np.full((40, 40, 3), 255, dtype=np.uint8)
    found = Explanation(
        -0.1, np.full((2, 2), -0.1, np.float32), np.zeros(3, np.float32),
        np.zeros((3, 2, 2), np.float32),
    )  # fmt: skip
    right = np.asarray(draw_match(sketch, photo, found, side=100))[24:124, 148:248]
    assert right.max() < 100
