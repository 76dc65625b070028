r"""The next point of a sketch as a mixture of Gaussians, and the pen's state (sketch-rnn's loss).

A network says, for each step, 3 + 6K numbers: logits of the pen (down, up, end), then K each of
mixture logits, means of x and y, log deviations of x and y, and the correlation before its tanh.
Ha & Eck 2018, section 3.2, equations 3 to 5 and 9; here x and y may be offsets or places.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

NUM_PEN_STATES = 3

FLOOR = 1e-6
"""Added to the density, so that one impossible point cannot outweigh a whole sketch."""

Spread = Literal["deviation", "variance"]


@dataclass(frozen=True, eq=False)
class Mixture:
    """The distribution of one step, for any leading shape.

    Attributes:
        pen: Logits of pen down, pen up, end of the sketch.
        log_weight: Logarithms of the components' shares.
        mean: Centres.
        log_deviation: Logarithms of the deviations of x and y.
        skew: Inverse hyperbolic tangent of the correlation, which stays exact near 1.
    """

    pen: Float[Tensor, "*batch 3"]
    log_weight: Float[Tensor, "*batch components"]
    mean: Float[Tensor, "*batch components 2"]
    log_deviation: Float[Tensor, "*batch components 2"]
    skew: Float[Tensor, "*batch components"]


def mixture_size(num_components: int) -> int:
    """Numbers a step that `split_mixture` takes."""
    return NUM_PEN_STATES + 6 * num_components


def split_mixture(raw: Float[Tensor, "*batch numbers"]) -> Mixture:
    """Read a network's numbers."""
    pen, rest = torch.split(raw, [NUM_PEN_STATES, raw.shape[-1] - NUM_PEN_STATES], dim=-1)
    weight, mean_x, mean_y, deviation_x, deviation_y, skew = rest.chunk(6, dim=-1)
    return Mixture(
        pen,
        F.log_softmax(weight, dim=-1),
        torch.stack([mean_x, mean_y], dim=-1),
        torch.stack([deviation_x, deviation_y], dim=-1),
        skew,
    )


def mixture_log_density(
    mixture: Mixture, place: Float[Tensor, "*batch 2"]
) -> Float[Tensor, "*batch"]:
    r"""Logarithm of $\sum_k \pi_k \mathcal{N}(x, y; k)$ (equation 3).

    With $\rho = \tanh s$, $1 - \rho^2 = \mathrm{sech}^2 s$ is taken from $s$, as the difference
    is lost in float32 near $\rho = 1$.
    """
    z = (place[..., None, :] - mixture.mean) * torch.exp(-mixture.log_deviation)
    size = mixture.skew.abs()
    log_unexplained = 2 * (math.log(2) - size - F.softplus(-2 * size))
    quadratic = z.square().sum(-1) - 2 * torch.tanh(mixture.skew) * z.prod(-1)
    exponent = -0.5 * quadratic * torch.exp(-log_unexplained)
    norm = math.log(2 * math.pi) + mixture.log_deviation.sum(-1) + 0.5 * log_unexplained
    return torch.logsumexp(mixture.log_weight + exponent - norm, dim=-1)


@dataclass(frozen=True, eq=False)
class SketchLoss:
    """Means over sketches of sums over steps."""

    place: Float[Tensor, ""]
    pen: Float[Tensor, ""]

    @property
    def total(self) -> Float[Tensor, ""]:
        """What is learnt."""
        return self.place + self.pen


def sketch_loss(
    mixture: Mixture, target: Float[Tensor, "batch length 5"], *, mask_pen: bool = False
) -> SketchLoss:
    r"""Negative log likelihood of the points and cross-entropy of the pen.

    $$ \sum_t -\log\left(p(x_t, y_t) + 10^{-6}\right) (1 - \mathrm{end}_t)
       - \sum_t \log q_{\mathrm{pen}_t} $$

    Differs from equations 9 and 10, which divide by the longest length; and the floor is
    SketchGloc's (in its code), not the paper's.

    Args:
        mixture: Of each step.
        target: Rows (x, y, down, up, end), the last three one-hot.
        mask_pen: Leave out the pen after the end of the sketch, as in evaluation; in training it
            counts, so that the decoder learns to stay ended.
    """
    inside = 1 - target[..., 4]
    log_density = mixture_log_density(mixture, target[..., :2])
    # log(p + floor) without leaving the logarithms.
    place = -torch.logaddexp(log_density, log_density.new_tensor(math.log(FLOOR))) * inside
    pen = -(F.log_softmax(mixture.pen, dim=-1) * target[..., 2:]).sum(-1)
    if mask_pen:
        pen = pen * inside
    return SketchLoss(place.sum(1).mean(), pen.sum(1).mean())


def sample_mixture(
    mixture: Mixture,
    *,
    temperature: float,
    generator: torch.Generator | None = None,
    spread: Spread = "deviation",
) -> Float[Tensor, "batch 5"]:
    """Draw a row (x, y, down, up, end); at temperature 0 the likeliest component and pen state.

    Args:
        mixture: Of one step, ``(batch, ...)``.
        temperature: Divides logits (equation 8).
        generator: Source of randomness, needed above temperature 0.
        spread: What temperature multiplies: the deviation, as the released codes do, or the
            variance, as equation 8 says.
    """
    if temperature == 0:
        component, pen = mixture.log_weight.argmax(-1), mixture.pen.argmax(-1)
    else:
        component = _draw(mixture.log_weight / temperature, generator)
        pen = _draw(mixture.pen / temperature, generator)
    rows = torch.arange(len(component), device=component.device)
    place = mixture.mean[rows, component]
    if temperature > 0:
        factor = temperature if spread == "deviation" else math.sqrt(temperature)
        deviation = mixture.log_deviation[rows, component].exp() * factor
        skew = mixture.skew[rows, component]
        # Two independent normals; tanh and sech are the sides of a triangle of length 1.
        noise = torch.randn(place.shape, generator=generator, device=place.device)
        first, second = noise.unbind(-1)
        second = torch.tanh(skew) * first + second / torch.cosh(skew)
        place = place + torch.stack([first, second], dim=-1) * deviation
    return torch.cat([place, F.one_hot(pen, NUM_PEN_STATES).to(place.dtype)], dim=-1)


def _draw(logits: Float[Tensor, "batch choices"], generator: torch.Generator | None) -> Tensor:
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]
