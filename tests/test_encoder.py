import threading

import numpy as np
import pytest
from PIL import Image

from inkseek.card import hash_bytes, read_card, write_card
from inkseek.encoder import Encoder
from inkseek.errors import ModelError, SketchFormatError
from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch


def line(*points):
    return Sketch((np.float32(points),), 100.0)


SKETCHES = [line((0, 0), (100, 100)), line((0, 100), (100, 0)), line((0, 0), (100, 0), (100, 90))]


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return Encoder.load(tiny_model)


def test_embeddings_are_unit_rows_of_the_cards_width(encoder):
    rows = encoder.embed_sketches(SKETCHES)
    assert rows.shape == (3, encoder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_batch_equals_one_by_one(encoder):
    many = SKETCHES * 30  # more than one run of the network
    together = encoder.embed_sketches(many)
    apart = np.concatenate([encoder.embed_sketches([s]) for s in SKETCHES])
    np.testing.assert_allclose(together, np.tile(apart, (30, 1)), atol=1e-5)


def test_a_photo_of_a_drawing_embeds_as_the_drawing(encoder, tmp_path):
    drawn = draw(SKETCHES[2], encoder.photo_size, pen_width=0.05, margin=0.0625)
    pixels = np.repeat(drawn[..., None], 3, axis=2)
    Image.fromarray(pixels).save(tmp_path / "drawing.png")
    expected = encoder.embed_sketches([SKETCHES[2]])
    np.testing.assert_allclose(encoder.embed_photos([pixels]), expected, atol=1e-5)
    from_file = encoder.embed_photos([tmp_path / "drawing.png"])
    np.testing.assert_allclose(from_file, expected, atol=1e-5)


def test_nothing_in_nothing_out(encoder):
    assert encoder.embed_sketches([]).shape == (0, encoder.dim)
    assert encoder.embed_photos([]).shape == (0, encoder.dim)


def test_an_empty_sketch_is_refused(encoder):
    with pytest.raises(SketchFormatError, match="sketch 1 of 2 is empty: draw a stroke"):
        encoder.embed_sketches([SKETCHES[0], Sketch((), 10.0)])


def test_threads_share_an_encoder(encoder):
    expected = encoder.embed_sketches(SKETCHES)
    wrong = []

    def work():
        for _ in range(20):
            if not np.array_equal(encoder.embed_sketches(SKETCHES), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", ["nowhere/at-all", "../models", "no-such-model"])
def test_an_unknown_model_is_an_error(name):
    with pytest.raises(ModelError, match="no"):
        Encoder.load(name)


def test_a_file_that_is_no_network_is_an_error(tiny_model, tmp_path):
    content = b"not a network"
    (tmp_path / "student.int8.onnx").write_bytes(content)
    card = read_card(tiny_model)
    files = card.files | {"student.int8.onnx": hash_bytes(content)}
    write_card(card.model_copy(update={"files": files}), tmp_path)
    with pytest.raises(ModelError, match="model tiny does not load"):
        Encoder.load(tmp_path)
