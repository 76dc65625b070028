import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.errors import ModelError, SketchFormatError
from inkseek.explain.correspond import (
    Correspondence,
    find_correspondences,
    grid_boxes,
    keep_inked,
    match_places,
)
from inkseek.strokes.sketch import Sketch

BOXES = [(0.0, 0.0, 0.5, 0.5), (0.5, 0.0, 1.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0)]


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load("default", precision="fp32")


@pytest.fixture
def frame():
    """The four sides of a square, open at the lower left."""
    return Sketch((np.float32([[0, 90], [0, 0], [100, 0], [100, 100], [10, 100]]),), 100.0)


def test_each_sketch_patch_finds_the_photo_patch_most_like_it():
    cosines = np.float32([[0.1, 0.9], [0.2, 0.95]])
    first, second = find_correspondences(cosines, BOXES[:2], BOXES[:2])
    assert (first.sketch, first.photo, first.mutual) == (BOXES[1], BOXES[1], True)
    assert (second.sketch, second.photo, second.mutual) == (BOXES[0], BOXES[1], False)
    assert (first.similarity, second.similarity) == pytest.approx((0.95, 0.9))


def test_cells_lie_row_by_row():
    assert grid_boxes(2, 2) == BOXES
    assert grid_boxes(1, 4)[3] == (0.75, 0.0, 1.0, 1.0)


def test_patches_without_ink_are_left_out():
    found = [Correspondence(box, BOXES[0], 0.5, True) for box in BOXES]
    ink = np.full((10, 10), 255, dtype=np.uint8)
    ink[7, 2] = 0
    assert keep_inked(found, ink) == [found[2]]


def test_a_drawing_meets_its_own_picture_place_by_place(encoder, frame):
    from inkseek.raster.draw import draw

    card = encoder.card
    ink = draw(frame, max(card.canvas_sizes), pen_width=card.pen_width, margin=card.margin)
    found = match_places(encoder, frame, np.repeat(ink[..., None], 3, axis=2))
    assert len(found) == 12  # the rim of 4 x 4 places
    for correspondence in found:
        assert correspondence.sketch == correspondence.photo
        assert correspondence.mutual
        assert correspondence.similarity == pytest.approx(1.0, abs=1e-4)


def test_what_all_places_share_does_not_count(encoder, frame, monkeypatch):
    photo = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    expected = match_places(encoder, frame, photo)
    original = encoder.embed_places
    monkeypatch.setattr(encoder, "embed_places", lambda images: original(images) + np.float32(0.5))
    found = match_places(encoder, frame, photo)
    assert [c.photo for c in found] == [c.photo for c in expected]
    assert [c.similarity for c in found] == pytest.approx(
        [c.similarity for c in expected], abs=1e-3
    )


def test_an_empty_sketch_is_an_error(encoder):
    with pytest.raises(SketchFormatError, match="draw a stroke"):
        match_places(encoder, Sketch((), 1.0), np.zeros((8, 8, 3), dtype=np.uint8))


def test_a_network_that_tells_no_parts_says_which_does(frame):
    with pytest.raises(ModelError, match="precision='fp32'"):
        match_places(
            Encoder.load("default", precision="int8"), frame, np.zeros((8, 8, 3), dtype=np.uint8)
        )
