"""Depthwise convolutions with a stride that train as fast on a processor as those without.

PyTorch's gradient for the input of such a convolution has no fast kernel on processors: of one
layer of MobileNetV2 it takes longer in bfloat16 than all of the network forward. The same gradient
is a depthwise convolution without stride, of the output's gradient with zeros between its
rows and columns and the kernel turned by 180 degrees, and that has one.
"""

from typing import Any

import torch
from jaxtyping import Float
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.padding import pad_same
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad
from torch.nn.grad import conv2d_weight


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
    a GPU there is nothing to win.
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
        ctx.stride, ctx.padding = stride, padding
        return filtered

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:  # noqa: ANN401
        features, weight = ctx.saved_tensors
        (gradient,) = gradients
        cast = weight.to(gradient.dtype)
        by_weight = conv2d_weight(  # type: ignore[no-untyped-call]
            features, cast.shape, gradient, ctx.stride, ctx.padding, 1, len(weight)
        )
        by_features = _gradient_of_input(gradient, cast, features.shape, ctx.stride, ctx.padding)
        return by_features, by_weight.to(weight.dtype), None, None


def _gradient_of_input(
    gradient: Float[Tensor, "batch channels _rows _columns"],
    weight: Float[Tensor, "channels 1 side side"],
    shape: torch.Size,
    stride: int,
    padding: int,
) -> Float[Tensor, "batch channels height width"]:
    rows, columns = ((n - 1) * stride + 1 for n in gradient.shape[2:])
    spread = gradient.new_zeros((*gradient.shape[:2], rows, columns))
    spread = spread.contiguous(memory_format=torch.channels_last)
    spread[:, :, ::stride, ::stride] = gradient
    reach = weight.shape[-1] - 1
    full = conv2d(spread, weight.flip(2, 3), None, 1, reach, 1, len(weight))
    # A stride may leave the last rows and columns unread; and what was padding is not input.
    missing = [n + 2 * padding - m for n, m in zip(shape[2:], full.shape[2:], strict=True)]
    whole = pad(full, (0, max(missing[1], 0), 0, max(missing[0], 0)))
    return whole[:, :, padding : padding + shape[2], padding : padding + shape[3]]
