import numpy as np
import pytest

from inkseek.explain.correspond import Correspondence, grid_boxes
from inkseek.explain.picture import COLOURS
from inkseek.explain.synthesis import BLANK, draw_synthesis, synthesise
from inkseek.strokes.sketch import Sketch

BOXES = grid_boxes(2, 2)


@pytest.fixture
def photo():
    """Four flat quarters of different greys."""
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    for i, grey in enumerate((10, 60, 110, 160)):
        row, column = divmod(i, 2)
        pixels[row * 20 : row * 20 + 20, column * 20 : column * 20 + 20] = grey
    return pixels


def test_each_patch_of_the_sketch_gives_way_to_that_of_the_photo(photo):
    patches = [
        Correspondence(BOXES[0], BOXES[3], 0.9, True),
        Correspondence(BOXES[3], BOXES[1], 0.5, False),
    ]
    made = synthesise(photo, patches, side=40)
    assert (made[:20, :20] == 160).all()
    assert (made[20:, 20:] == 60).all()
    assert (made[:20, 20:] == BLANK).all()


def test_every_patch_in_its_place_is_the_photo(photo):
    patches = [Correspondence(box, box, 1.0, True) for box in BOXES]
    assert np.array_equal(synthesise(photo, patches, side=40), photo)


def test_patches_of_other_sizes_are_scaled(photo):
    whole = Correspondence((0.0, 0.0, 1.0, 1.0), BOXES[2], 0.9, True)
    assert (synthesise(photo, [whole], side=40) == 110).all()


def test_mutual_matches_are_framed_on_both_sides_and_the_others_are_not(photo):
    sketch = Sketch((np.float32([[0, 0], [10, 10]]),), 10.0)
    patches = [
        Correspondence(BOXES[0], BOXES[2], 0.9, False),
        Correspondence(BOXES[3], BOXES[1], 0.8, True),
    ]
    picture = np.asarray(draw_synthesis(sketch, photo, patches, side=100))
    framed = (picture == COLOURS[0]).all(axis=2)
    assert framed[24 + 50 : 24 + 100, 24 + 50 : 24 + 100].sum() > 400
    assert framed[24 : 24 + 50, 148 + 50 : 148 + 100].sum() > 400
    assert not framed[24 : 24 + 40, 24 : 24 + 40].any()
    assert not (picture == COLOURS[1]).all(axis=2).any()
