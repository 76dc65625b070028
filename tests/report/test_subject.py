import numpy as np
import pytest

from inkseek.card import read_card
from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.data.tasks import make_tasks
from inkseek.encoder import Encoder
from inkseek.errors import ModelError
from inkseek.raster.draw import draw, draw_batch, flatten
from inkseek.report.subject import CHOSEN, Subject, measure, of_model
from inkseek.strokes.sketch import Sketch


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Six lines, and photos that are drawings of them."""
    here = tmp_path_factory.mktemp("photos")
    ends = [(230, 40), (40, 230), (230, 230), (128, 240), (240, 128), (180, 90)]
    sketches = [Sketch((np.float32([(20, 20), (128, 60), end]),), 256.0) for end in ends]
    photos = np.stack([np.repeat(draw(s, 32)[..., None], 3, axis=2) for s in sketches])
    pairs = PairSet(
        "lines",
        tuple(PhotoRef(here, "line", "val", "lines") for _ in ends),
        tuple(SketchRef(here, 0, "line", "val", i) for i in range(len(ends))),
    )
    flat = PackedSketches(*flatten(sketches))
    return PackedSet(pairs, photos, flat, flat)


def test_a_model_folder_is_measured_on_the_canvas_it_knows(tiny_model, packed):
    card = read_card(tiny_model)
    named = card.model_copy(update={"recipe": {"sets": ["shoes"], "photo_size": 144}})
    encoder = Encoder.load(tiny_model)
    encoder.card = named
    subject = of_model(encoder)
    assert (subject.sets, subject.photo_size, subject.photo_canvas_size) == (("shoes",), 144, 32)
    figures = measure(subject, [packed], make_tasks([packed.pairs], "val", frozenset()))
    assert list(figures) == ["32"]
    assert figures["32"][0].interval.mean == 1.0


def test_a_selector_is_measured_beside_the_fixed_canvases(tiny_model, packed):
    encoder = Encoder.load(tiny_model)

    def embed(images):
        return encoder.embed_images(images.transpose(0, 3, 1, 2))

    def blind(images):
        return np.full((len(images), encoder.dim), 0.25, np.float32)

    def choose(sketches):
        drawn = draw_batch(sketches, 32)
        return embed(np.repeat(drawn[..., None], 3, axis=3))

    subject = Subject({32: blind}, embed, 32, ("lines",), 32, choose)
    figures = measure(subject, [packed], make_tasks([packed.pairs], "val", frozenset()))
    assert list(figures) == [CHOSEN, "32"]
    assert figures[CHOSEN][0].interval.mean == 1.0
    assert figures["32"][0].interval.mean < 1.0


def test_a_model_that_names_no_data_says_so(tiny_model):
    encoder = Encoder.load(tiny_model)
    encoder.card = encoder.card.model_copy(update={"recipe": {}})
    with pytest.raises(ModelError, match="names no data sets"):
        of_model(encoder)
