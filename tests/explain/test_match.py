import numpy as np
import pytest

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.errors import ModelError, SketchFormatError
from inkseek.explain.match import explain_match
from inkseek.raster.photo import decode_photo
from inkseek.strokes.sketch import Sketch


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load("default", precision="fp32")


@pytest.fixture(scope="module")
def photo():
    return decode_photo(sorted(find_asset("samples").rglob("*.webp"))[40]).pixels


@pytest.fixture(scope="module")
def sketch():
    angle = np.linspace(0, 2 * np.pi, 30)
    ring = np.stack([50 + 40 * np.cos(angle), 50 + 40 * np.sin(angle)], axis=1)
    strokes = (ring, [[30, 60], [50, 70], [70, 60]], [[35, 35]], [[65, 35]])
    return Sketch(tuple(np.float32(stroke) for stroke in strokes), 100.0)


def test_the_parts_of_the_photo_add_up_to_the_similarity(encoder, sketch, photo):
    found = explain_match(encoder, sketch, photo)
    rows = encoder.embed_sketches([sketch]), encoder.embed_photos([photo])
    assert found.similarity == pytest.approx(float(rows[0][0] @ rows[1][0]), abs=1e-4)
    assert found.photo.sum() == pytest.approx(found.similarity, abs=1e-5)


def test_what_a_stroke_adds_is_what_the_similarity_loses_without_it(encoder, sketch, photo):
    """The ring is kept, so the frame of the rest stays the same, and so does its place."""
    found = explain_match(encoder, sketch, photo)
    assert len(found.strokes) == 4
    for t in (1, 2, 3):
        kept = Sketch(sketch.strokes[:t] + sketch.strokes[t + 1 :], 100.0)
        rows = encoder.embed_sketches([kept]), encoder.embed_photos([photo])
        rest = float(rows[0][0] @ rows[1][0])
        assert found.strokes[t] == pytest.approx(found.similarity - rest, abs=1e-4)
    np.testing.assert_allclose(found.meetings.sum((1, 2)), found.strokes, atol=1e-5)


def test_a_stroke_drawn_twice_adds_next_to_nothing(encoder, sketch, photo):
    doubled = Sketch((*sketch.strokes, sketch.strokes[0]), 100.0)
    found = explain_match(encoder, doubled, photo)
    assert abs(found.strokes[0]) < 1e-4
    assert abs(found.strokes[4]) < 1e-4


def test_an_empty_sketch_is_an_error(encoder, photo):
    with pytest.raises(SketchFormatError, match="draw a stroke"):
        explain_match(encoder, Sketch((), 1.0), photo)


def test_a_network_that_tells_no_parts_says_which_does(sketch, photo):
    with pytest.raises(ModelError, match="precision='fp32'"):
        explain_match(Encoder.load("default", precision="int8"), sketch, photo)
