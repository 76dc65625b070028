import numpy as np
import onnxruntime
import pytest
import torch

from inkseek.card import SelectorCard
from inkseek.selector import Selector, read_points
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchynet.selector import create_selector, selector_to_onnx

CARD = SelectorCard(
    canvas_sizes=(32, 64, 128),
    max_points=20,
    margin=0.0625,
    gflops_per_point=2e-4,
    shares=(0.5, 0.25, 0.25),
)


@pytest.fixture(scope="module")
def drawings():
    rng = np.random.default_rng(4)
    return [
        Sketch(tuple(rng.uniform(0, 90, (n, 2)).astype(np.float32) for n in counts), 100.0)
        for counts in ([2], [5, 7], [9, 9, 30], [1], [60, 60])
    ]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    selector = create_selector("gru", num_canvases=3).eval()
    # Input weights and a head this strong make the sketches differ in what they choose.
    torch.nn.init.normal_(selector.cell.weight_ih_l0, std=5.0)
    torch.nn.init.normal_(selector.head.weight, std=10.0)
    return selector


@pytest.fixture(scope="module")
def selector(network):
    content = selector_to_onnx(network).SerializeToString()
    return Selector(CARD, onnxruntime.InferenceSession(content))


def test_the_likeliest_canvas_of_each_sketch_is_chosen(selector, network, drawings):
    with torch.no_grad():
        best = [
            int(network(torch.from_numpy(read_points(d, CARD))[None]).argmax()) for d in drawings
        ]
    assert selector.choose(drawings).sizes.tolist() == [CARD.canvas_sizes[i] for i in best]
    assert len(set(best)) > 1


def test_size_and_place_of_the_drawing_do_not_matter(selector, drawings):
    moved = [
        Sketch(tuple(stroke * 2.0 + np.float32([300, 50]) for stroke in d.strokes), 900.0)
        for d in drawings
    ]
    for drawn, elsewhere in zip(drawings, moved, strict=True):
        np.testing.assert_allclose(
            read_points(drawn, CARD), read_points(elsewhere, CARD), atol=1e-5
        )
    assert selector.choose(moved).sizes.tolist() == selector.choose(drawings).sizes.tolist()


def test_points_are_bounded_and_paid_for(selector, drawings):
    lengths = [len(read_points(d, CARD)) for d in drawings]
    assert max(lengths) <= CARD.max_points
    assert lengths[0] == 2
    np.testing.assert_allclose(selector.choose(drawings).gflops, np.array(lengths) * 2e-4)
