import numpy as np
import pytest
import torch

from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.sketch_pix2seq import Pix2SeqEncoder


def test_it_has_the_papers_layers():
    encoder = Pix2SeqEncoder(128, PeerPlan())
    assert sum(p.numel() for p in encoder.parameters()) == 74_960
    assert encoder.to_mean.in_features == 6 * 6 * 8


def test_an_even_picture_has_no_edges():
    encoder = Pix2SeqEncoder(4, PeerPlan(canvas_size=24))
    seen = encoder.look(torch.full((1, 24, 24), 255, dtype=torch.uint8))
    torch.testing.assert_close(seen.mean, encoder.to_mean.bias[None])


@pytest.mark.parametrize("side", [20, 24, 29])
def test_a_canvas_of_any_size_fits(side):
    encoder = Pix2SeqEncoder(4, PeerPlan(canvas_size=side))
    assert encoder.look(torch.zeros(2, side, side, dtype=torch.uint8)).mean.shape == (2, 4)


def test_neither_order_nor_direction_nor_place_nor_size_matters(sketches, build, encode):
    network = build("pix2seq")
    codes = encode(network, sketches)
    turned = [[stroke[::-1].copy() for stroke in strokes[::-1]] for strokes in sketches]
    torch.testing.assert_close(encode(network, turned), codes)
    # By a power of two, so that no pixel rounds differently.
    moved = [[stroke * np.float32(4) + np.float32(64) for stroke in s] for s in sketches]
    torch.testing.assert_close(encode(network, moved), codes, rtol=1e-3, atol=1e-5)
