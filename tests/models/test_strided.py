"""Two roads to one answer: the gradients of PyTorch, and ours."""

import copy

import pytest
import torch
from timm.layers import Conv2dSame
from torch import nn

from inkseek.models.backbones import create_backbone
from inkseek.models.strided import StridedDepthwise, quicken_strides


def gradients(layer, image):
    image = image.clone().requires_grad_()
    weights = torch.randn(layer(image).shape, generator=torch.Generator().manual_seed(1))
    (layer(image) * weights).sum().backward()
    return image.grad, *(p.grad for p in layer.parameters())


@pytest.mark.parametrize("side", [5, 8, 9, 12])
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("same", [True, False])
def test_outputs_and_gradients_are_those_of_the_plain_convolution(side, stride, kernel, same):
    torch.manual_seed(0)
    kind, padding = (Conv2dSame, 0) if same else (nn.Conv2d, kernel // 2)
    plain = kind(6, 6, kernel, stride, padding, groups=6, bias=False)
    quick = StridedDepthwise(copy.deepcopy(plain))
    image = torch.randn(2, 6, side, side + 1)
    torch.testing.assert_close(quick(image), plain(image))
    for ours, theirs in zip(gradients(quick, image), gradients(plain, image), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_network_learns_the_same_under_the_same_names():
    torch.manual_seed(0)
    plain = create_backbone("mobilenetv2_035", weights=None, pad_type="same").eval().double()
    quick = copy.deepcopy(plain)
    quicken_strides(quick)
    assert sum(isinstance(m, StridedDepthwise) for m in quick.modules()) == 4
    assert quick.state_dict().keys() == plain.state_dict().keys()
    image = torch.randn(2, 3, 64, 64).double()
    for ours, theirs in zip(gradients(quick, image), gradients(plain, image), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_in_half_precision_it_is_as_near_as_pytorch_is():
    torch.manual_seed(0)
    plain = nn.Conv2d(16, 16, 3, 2, 1, groups=16, bias=False)
    quick = StridedDepthwise(copy.deepcopy(plain))
    image = torch.randn(4, 16, 24, 24)
    exact = gradients(plain, image)
    plain.weight.grad = None
    with torch.autocast("cpu", torch.bfloat16):
        theirs, ours = gradients(plain, image), gradients(quick, image)
    for a, b, c in zip(ours, theirs, exact, strict=True):
        assert a.dtype == c.dtype
        assert (a - c).abs().max() < 2 * (b - c).abs().max() + 1e-3


def test_other_convolutions_are_left_alone():
    network = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1, groups=4, bias=False), nn.Conv2d(4, 8, 3, 2))
    quicken_strides(network)
    assert all(type(layer) is nn.Conv2d for layer in network)
