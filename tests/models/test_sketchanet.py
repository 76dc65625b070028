import pytest
import torch
from torch import nn

from inkseek.errors import ModelError
from inkseek.models.sketchanet import SMALLEST_CANVAS, SketchANet, map_size

# Of Triplet-SN's published trunk, layers 1 to 6 at 225 pixels.
TRUNK = [14_464, 204_928, 295_168, 590_080, 590_080, 6_423_040]


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_layers_have_the_published_parameters():
    network = SketchANet(250)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert [count(layer) for layer in convolutions[:6]] == TRUNK
    # With Triplet-SN's linear head of 256 the whole has 8,249,088.
    assert sum(TRUNK) + 512 * 256 + 256 == 8_249_088
    assert count(network) == 8_508_666


def test_maps_have_the_published_sizes():
    sides = []
    image = torch.zeros(1, 1, 225, 225)
    for layer in SketchANet(3).features:
        image = layer(image)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            sides.append(image.shape[-1])
    assert sides == [71, 35, 31, 15, 15, 15, 15, 7]


@pytest.mark.parametrize("canvas_size", [SMALLEST_CANVAS, 96, 128, 225])
def test_the_sixth_layer_fits_the_map_of_any_canvas(canvas_size):
    network = SketchANet(5, canvas_size=canvas_size, width=0.125).eval()
    image = torch.randint(0, 256, (2, canvas_size, canvas_size), dtype=torch.uint8)
    assert network(image).shape == (2, 5)
    assert network.head[0].kernel_size == (map_size(canvas_size),) * 2


def test_a_canvas_too_small_to_pool_is_an_error():
    with pytest.raises(ModelError, match="81 pixels"):
        SketchANet(5, canvas_size=SMALLEST_CANVAS - 1)


def test_width_scales_hidden_layers_alone():
    convolutions = [
        m for m in SketchANet(7, width=0.5, canvas_size=96).modules() if isinstance(m, nn.Conv2d)
    ]
    assert [m.out_channels for m in convolutions] == [32, 64, 128, 128, 128, 256, 256]
    assert SketchANet(7, width=0.5, canvas_size=96).head[-1].out_features == 7


def test_white_paper_is_zero():
    network = SketchANet(3, canvas_size=96, width=0.125).eval()
    seen = []
    network.features.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    network(torch.full((1, 96, 96), 255, dtype=torch.uint8))
    network(torch.zeros(1, 96, 96, dtype=torch.uint8))
    assert [float(image.unique()) for image in seen] == [0.0, 1.0]
