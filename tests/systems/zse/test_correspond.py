import numpy as np
import pytest
import torch

from inkseek.errors import ModelError
from inkseek.systems.zse.correspond import anchor_boxes, match_tokens
from inkseek.systems.zse.network import ZseNetwork

BOXES = [(0.0, 0.0, 0.5, 0.5), (0.5, 0.0, 1.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0)]


def pixels(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1


@pytest.fixture
def ink():
    """A stroke in the left half."""
    drawn = np.full((64, 64), 255, dtype=np.uint8)
    drawn[4:60, 8] = 0
    return drawn


def test_anchors_lie_row_by_row(make_config):
    assert anchor_boxes(make_config(), range(16)) == BOXES


def test_pruned_anchors_lie_where_they_were_kept(make_config):
    config = make_config(keep_rates=(0.1, 1.0), anchors=2)
    assert anchor_boxes(config, [1, 15]) == [(0.25, 0.0, 0.5, 0.25), (0.75, 0.75, 1.0, 1.0)]


def test_an_image_meets_itself_place_by_place(vit, ink):
    vit.photo_attention = vit.sketch_attention
    encoded = vit(pixels())
    found = match_tokens(vit, encoded, encoded, ink=np.zeros_like(ink))
    assert sorted(c.sketch for c in found) == sorted(BOXES)
    for correspondence in found:
        assert correspondence.sketch == correspondence.photo
        assert correspondence.mutual
        assert correspondence.similarity == pytest.approx(1.0, abs=1e-5)


def test_patches_without_ink_are_left_out(vit, ink):
    found = match_tokens(vit, vit(pixels()), vit(pixels(1)), ink=ink)
    assert sorted(c.sketch for c in found) == [BOXES[0], BOXES[2]]
    similarities = [c.similarity for c in found]
    assert similarities == sorted(similarities, reverse=True)


def test_a_network_that_scrambles_places_explains_nothing(make_config, ink):
    network = ZseNetwork(make_config(compat_scrambled_view=True)).eval()
    with pytest.raises(ModelError, match="are no places"):
        match_tokens(network, network(pixels()), network(pixels()), ink=ink)


def test_several_images_or_another_size_are_an_error(vit, ink):
    one, two = vit(pixels()), vit(pixels().expand(2, -1, -1, -1))
    with pytest.raises(ModelError, match="got 2 sketches and 1 photos"):
        match_tokens(vit, two, one, ink=ink)
    with pytest.raises(ModelError, match="has side 32, the network sees 64"):
        match_tokens(vit, one, one, ink=ink[:32, :32])
