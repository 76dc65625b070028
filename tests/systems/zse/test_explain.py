import numpy as np
import pytest
import torch

from inkseek.errors import ModelError, SketchFormatError
from inkseek.explain.picture import COLOURS, draw_match
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.strokes.geometry import fit
from inkseek.strokes.sketch import Sketch
from inkseek.systems.zse.explain import explain_pair
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import encode_all, rn_distances


@pytest.fixture
def sketch():
    strokes = ([[0, 0], [100, 0], [100, 100]], [[0, 0], [0, 100]], [[40, 60]])
    return Sketch(tuple(np.float32(stroke) for stroke in strokes), 100.0)


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)


def logit_of(network, sketch, photo, *, strokes):
    """The second road: what retrieval says of the strokes where they lie in the whole."""
    placed = fit(sketch, 1.0, 1 / 16)
    kept = Sketch(tuple(placed.strokes[t] for t in strokes), 1.0)
    drawn = np.repeat(draw_batch([kept], 64, placed=True)[..., None], 3, axis=3)
    fitted = fit_square(photo, 64)[None].copy()
    encoded = [encode_all(network, 1, lambda rows, image=image: image) for image in (drawn, fitted)]
    return -float(rn_distances(network, *encoded)[0, 0])


def test_a_stroke_adds_what_retrieval_loses_without_it(vit, sketch, photo):
    found = explain_pair(vit, sketch, photo)
    whole = logit_of(vit, sketch, photo, strokes=(0, 1, 2))
    assert found.score == pytest.approx(1 / (1 + np.exp(-whole)), abs=1e-5)
    for t in range(3):
        rest = logit_of(vit, sketch, photo, strokes=[s for s in range(3) if s != t])
        assert found.match.strokes[t] == pytest.approx(whole - rest, abs=1e-5)
    blank = logit_of(vit, sketch, photo, strokes=())
    assert found.match.similarity == pytest.approx(whole - blank, abs=1e-5)


def test_parts_by_place_add_up(vit, sketch, photo):
    match = explain_pair(vit, sketch, photo).match
    assert match.photo.shape == (2, 2)
    assert match.meetings.shape == (3, 2, 2)
    assert match.photo.sum() == pytest.approx(match.similarity, abs=1e-5)
    np.testing.assert_allclose(match.meetings.sum((1, 2)), match.strokes, atol=1e-5)


def test_a_relation_network_that_looks_at_one_place_of_the_photo_explains_by_that_place(
    vit, sketch, photo
):
    """Photo anchor 2 is the lower left one; weights of all others are gone."""
    torch.manual_seed(0)
    with torch.no_grad():
        first = vit.relation.layers[0].weight.unflatten(1, (4, 4))
        first[:, :, [0, 1, 3]] = 0.0
        first[:, :, 2] = torch.rand(first.shape[:2]) + 0.1
        for layer in (vit.relation.layers[3], vit.relation.layers[6]):
            layer.weight.abs_()
    match = explain_pair(vit, sketch, photo).match
    elsewhere = match.meetings.reshape(3, 4)[:, [0, 1, 3]]
    assert np.abs(elsewhere).max() == 0.0
    assert np.abs(match.strokes).max() > 0.0


def test_the_picture_of_the_shipped_model_draws_it(vit, sketch, photo):
    match = explain_pair(vit, sketch, photo).match
    picture = draw_match(sketch, photo, match, side=120)
    colours = {colour for _, colour in picture.getcolors(1 << 20)}
    assert (COLOURS[0] in colours) == bool((match.strokes > 0).any())


def test_patches_are_those_with_ink(vit, photo):
    line = Sketch((np.float32([[0, 0], [0.1, 100]]),), 100.0)
    centred = explain_pair(vit, line, photo).patches
    assert len(centred) == 4  # a line down the middle touches all four cells
    corner = Sketch((np.float32([[0, 0], [30, 0]]), np.float32([[100, 100]])), 100.0)
    assert {p.sketch for p in explain_pair(vit, corner, photo).patches} == {
        (0.0, 0.0, 0.5, 0.5),
        (0.5, 0.5, 1.0, 1.0),
    }


def test_an_empty_sketch_is_an_error(vit, photo):
    with pytest.raises(SketchFormatError, match="draw a stroke"):
        explain_pair(vit, Sketch((), 1.0), photo)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"compat_scrambled_view": True}, "are no places"),
        ({"keep_rates": (0.25, 1.0), "anchors": 4}, "prunes tokens"),
    ],
)
def test_a_network_without_a_grid_of_places_explains_nothing(
    make_config, sketch, photo, changes, message
):
    network = ZseNetwork(make_config(**changes)).eval()
    with pytest.raises(ModelError, match=message):
        explain_pair(network, sketch, photo)


def test_parts_by_place_of_a_pooled_network_add_up(make_config, sketch, photo):
    """What the cosine of retrieval tokens loses lies nowhere, and is spread evenly."""
    torch.manual_seed(0)
    network = ZseNetwork(make_config(relation="pooled", anchors=16)).eval()
    match = explain_pair(network, sketch, photo).match
    whole = logit_of(network, sketch, photo, strokes=(0, 1, 2))
    assert match.similarity == pytest.approx(
        whole - logit_of(network, sketch, photo, strokes=()), abs=1e-4
    )
    assert match.meetings.shape == (3, 4, 4)
    assert match.photo.sum() == pytest.approx(match.similarity, abs=1e-4)
    np.testing.assert_allclose(match.meetings.sum((1, 2)), match.strokes, atol=1e-4)
    with torch.no_grad():
        network.relation.weight.zero_()
        network.retrieval.log_scale.fill_(7.0)
    even = explain_pair(network, sketch, photo).match
    np.testing.assert_allclose(even.photo, even.similarity / 16, atol=1e-5)
    assert abs(even.similarity) > 1e-3
