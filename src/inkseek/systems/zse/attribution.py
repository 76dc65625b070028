r"""How much each input of a function brings to the difference between two of its values.

Integrated gradients (Sundararajan, Taly and Yan 2017, section 3): for a function $f$ and a straight
path from $a$ to $b$,

$$ A_i = (b_i - a_i) \int_0^1 \partial_i f(a + t (b - a)) \, dt $$

The parts add up to $f(b) - f(a)$ (their proposition 1), so nothing is left over and nothing counts
twice. The relation network is a small perceptron, so that the integral costs next to nothing.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

STEPS = 64
"""Midpoints of the integral; a rectified network is linear between its few kinks."""


def integrate_gradients(
    function: Callable[[Tensor], Tensor],
    start: Float[Tensor, "batch ..."],
    end: Float[Tensor, "batch ..."],
    *,
    steps: int = STEPS,
) -> Float[Tensor, "batch ..."]:
    """The part of each input in ``function(end) - function(start)``.

    Unlike the paper's sum, what the finite number of steps leaves over is shared out by size, so
    that the parts add up to rounding.

    Args:
        function: Rows of inputs to one number a row; no row depends on another.
        start: Where each path begins.
        end: Where it ends.
        steps: Points at which the gradient is taken.
    """
    start, end = start.detach(), end.detach()
    shares = (torch.arange(steps, device=start.device, dtype=start.dtype) + 0.5) / steps
    shares = shares.reshape(-1, 1, *[1] * (start.ndim - 1))
    with torch.enable_grad():
        points = (start + shares * (end - start)).flatten(0, 1).requires_grad_()
        (gradient,) = torch.autograd.grad(function(points).sum(), points)
    parts: Tensor = (end - start) * gradient.reshape(steps, *start.shape).mean(0)
    with torch.no_grad():
        left = function(end) - function(start) - parts.flatten(1).sum(1)
    size = parts.flatten(1).abs()
    share = size / size.sum(1, keepdim=True).clamp_min(1e-12)
    return parts + (left[:, None] * share).reshape(parts.shape)
