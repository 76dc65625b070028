"""Depthwise convolutions with a stride that train fast in bfloat16 on a processor.

PyTorch's gradient for the input of such a convolution has a fast kernel in float32 alone: in
bfloat16 it takes longer for one layer of MobileNetV2 than all of the network forward. Here that
one gradient is computed in the precision of the weights, whatever autocast made of them.
"""

from functools import partial
from typing import Any, Literal

import torch
from jaxtyping import Float
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.padding import pad_same
from torch import Tensor, nn
from torch.nn.functional import conv2d


class StridedDepthwise(nn.Conv2d):
    """A square depthwise convolution with a stride.

    Args:
        conv: What it replaces; the weight is shared with it. Its padding may be TensorFlow's.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        pads_as_tensorflow = isinstance(conv, Conv2dSame)
        super().__init__(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size[0],
            conv.stride[0],
            0 if pads_as_tensorflow else int(conv.padding[0]),
            groups=conv.groups,
            bias=False,
        )
        self.pads_as_tensorflow = pads_as_tensorflow
        self.weight = conv.weight

    def forward(
        self, features: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels _height _width"]:
        """Filter each channel by its own kernel."""
        if self.pads_as_tensorflow:
            features = pad_same(features, [*self.kernel_size], [*self.stride])
        filtered: Tensor = _StridedDepthwise.apply(
            features, self.weight, self.stride[0], int(self.padding[0])
        )
        return filtered


def quicken_strides(network: nn.Module) -> None:
    """Replace the depthwise convolutions of a network that have a stride, in place.

    Weights keep their names and values, outputs and gradients are the same but for rounding. On
    a GPU, or without autocast, there is nothing to win.
    """
    for name, module in list(network.named_modules()):
        is_plain = isinstance(module, nn.Conv2d) and not isinstance(module, StridedDepthwise)
        if is_plain and _is_strided_depthwise(module):
            network.set_submodule(name, StridedDepthwise(module).train(module.training))


def _is_strided_depthwise(conv: nn.Conv2d) -> bool:
    square = len({*conv.kernel_size}) == len({*conv.stride}) == len({*conv.padding}) == 1
    plain = conv.bias is None and conv.dilation == (1, 1) and conv.padding_mode == "zeros"
    depthwise = conv.groups == conv.in_channels == conv.out_channels > 1
    return square and plain and depthwise and conv.stride[0] > 1


class _StridedDepthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:  # noqa: ANN401
        filtered = conv2d(features, weight, None, stride, padding, 1, len(weight))
        # What autocast made of them; the weight is cast again, which is cheaper than keeping it.
        ctx.save_for_backward(features.to(filtered.dtype), weight)
        ctx.differentiate = partial(_differentiate, stride=stride, padding=padding)
        return filtered

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:  # noqa: ANN401
        features, weight = ctx.saved_tensors
        (gradient,) = gradients
        by_weight = ctx.differentiate("weight", gradient, features, weight.to(gradient.dtype))
        # Of the input only its size and its layout in memory matter.
        wide = torch.empty_like(features, dtype=weight.dtype)
        by_features = ctx.differentiate("features", gradient.to(weight.dtype), wide, weight)
        return by_features.to(features.dtype), by_weight.to(weight.dtype), None, None


def _differentiate(
    what: Literal["features", "weight"],
    gradient: Tensor,
    features: Tensor,
    weight: Tensor,
    *,
    stride: int,
    padding: int,
) -> Tensor:
    wanted = [what == "features", what == "weight", False]
    layout = [stride, stride], [padding, padding], [1, 1], False, [0, 0], len(weight)
    found: tuple[Tensor | None, ...] = torch.ops.aten.convolution_backward(
        gradient, features, weight, None, *layout, wanted
    )
    return next(part for part in found if part is not None)
