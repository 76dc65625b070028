import numpy as np
import pytest
import torch

from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.sketch_lattice import (
    LatticeEncoder,
    find_crossings,
    proximity,
)


def test_a_square_meets_the_lattice_where_it_should():
    image = np.full((16, 16), 255, dtype=np.uint8)
    image[3:14, [3, 13]] = 0
    image[[3, 13], 3:14] = 0
    # Lines lie at 2, 6, 10 and 14: two rows and two columns cross the square, twice each.
    crossings, present = find_crossings(image[None], 4, 100)
    found = {tuple(place) for place in crossings[0].tolist()}
    assert present.all()
    assert found == {(x, y) for y in (6, 10) for x in (3, 13)} | {
        (x, y) for x in (6, 10) for y in (3, 13)
    }


def test_a_run_along_a_line_is_one_crossing():
    image = np.full((1, 16, 16), 255, dtype=np.uint8)
    image[0, 6, 1:9] = 0
    crossings, _ = find_crossings(image, 4, 100)
    # The row of the run, and columns 2 and 6 across it.
    assert crossings[0].tolist() == [[1, 6], [2, 6], [6, 6]]


def test_faint_ink_and_empty_pictures_have_no_crossing():
    image = np.full((2, 16, 16), 200, dtype=np.uint8)
    crossings, present = find_crossings(image, 4, 100)
    assert crossings.shape == (2, 1, 2)
    assert not present.any()


def test_too_many_crossings_are_thinned_evenly(generator):
    image = (generator.random((1, 64, 64)) < 0.5).astype(np.uint8) * 255
    everything, _ = find_crossings(image, 32, 10_000)
    crossings, present = find_crossings(image, 32, 50)
    assert present.sum() == 50
    every = {tuple(place) for place in everything[0].tolist()}
    kept = [tuple(place) for place in crossings[0].tolist()]
    assert len({*kept}) == 50
    assert {*kept} <= every
    assert crossings[0, 0].tolist() == everything[0, 0].tolist()
    assert crossings[0, -1].tolist() == everything[0, -1].tolist()


def test_weights_fall_with_distance_and_end_at_four_fifths():
    places = torch.tensor([[[0, 0], [51, 0], [0, 73], [255, 255], [9, 9]]])
    present = torch.tensor([[True, True, True, True, False]])
    edges = proximity(places, present, 256)[0]
    assert torch.equal(edges.diagonal(), torch.tensor([2.0, 2.0, 2.0, 2.0, 0.0]))
    assert edges[0, 1].item() == pytest.approx(1 - 51 / (255 * 2**0.5))
    # 73 pixels are more than a fifth of the diagonal of 360.6.
    assert edges[0, 2] == edges[0, 3] == edges[0, 4] == 0
    assert torch.equal(edges, edges.T)


def test_the_order_of_crossings_does_not_matter():
    torch.manual_seed(0)
    encoder = LatticeEncoder(8, 3, PeerPlan(canvas_size=64)).eval()
    crossings = torch.randint(64, (2, 9, 2))
    present = torch.arange(9) < torch.tensor([[9], [5]])
    order = torch.randperm(9)
    first = encoder.join(crossings, present).mean
    second = encoder.join(crossings[:, order], present[:, order]).mean
    torch.testing.assert_close(first, second)


def test_every_weight_is_registered_and_differs():
    encoder = LatticeEncoder(8, 3, PeerPlan(canvas_size=64))
    names = {name for name, _ in encoder.named_parameters()}
    assert {"wide.0.weight", "wide.1.weight", "narrow.0.weight", "narrow.1.weight"} <= names
    assert not torch.equal(encoder.wide[0].weight, encoder.wide[1].weight)


def test_neither_order_of_strokes_nor_padding_matters(sketches, build, encode):
    network = build("lattice")
    codes = encode(network, sketches)
    shuffled = [[sketches[0][i] for i in (2, 0, 3, 1)], *sketches[1:]]
    torch.testing.assert_close(encode(network, shuffled), codes)
    alone = torch.cat([encode(network, [sketch]) for sketch in sketches])
    torch.testing.assert_close(alone, codes)
