r"""Where strokes belong: one rigid offset a stroke, from what a decoder expects and where they lie.

The decoder is led along the user's strokes in their order. Before each it says, as a mixture of
normals, where the next stroke begins. The stroke was drawn at $o$, and hands stray by a normal
error of deviation $\tau$ in x and y (`disturb`), so each component is updated by Bayes' rule:

$$ w_k' \propto w_k \, \mathcal{N}(o;\, \mu_k,\, \Sigma_k + \tau^2 I), \qquad
   \mu_k' = \mu_k + \Sigma_k (\Sigma_k + \tau^2 I)^{-1} (o - \mu_k) $$

The stroke is tried at the likeliest $\mu_k'$, and what the decoder then makes of its other points
is added. A few hypotheses are kept (beam search), since a stroke may turn out misplaced only by the
next. The paper regenerates sketches instead, which redraws every stroke.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32
from torch import Tensor

from inkseek.data.sequences import Strokes
from inkseek.losses.mixture import Mixture, mixture_log_density, split_mixture
from inkseek.models.recurrent import State
from inkseek.systems.sketchgloc.decoder import START_ROW, SketchDecoder

WIDTH = 4
"""Hypotheses kept after a stroke."""

BRANCH = 5
"""Beginnings tried for each, of the mixture's components."""


@dataclass(frozen=True, eq=False)
class Placement:
    """How strokes should be moved.

    Attributes:
        offsets: Of each stroke; the first is zero.
        log_evidence: How likely the decoder finds strokes that were drawn where they were, if
            hands stray as assumed: larger is likelier, comparable between deviations.
    """

    offsets: Float32[np.ndarray, "strokes 2"]
    log_evidence: float


@dataclass(frozen=True, eq=False)
class _Beam:
    """Hypotheses: what the decoder remembers, what it says next, how likely, the offsets.

    Several beams of one size lie one after another, so that the decoder runs once for all.
    """

    state: State
    told: Float[Tensor, "beam numbers"]
    log_prob: Float[Tensor, " beam"]
    offsets: Float[Tensor, "beam strokes 2"]

    def take(self, rows: Tensor) -> "_Beam":
        """Some hypotheses, perhaps several times."""
        state = tuple(part[rows] for part in self.state)
        return _Beam(state, self.told[rows], self.log_prob[rows], self.offsets[rows])


@torch.no_grad()
def place_strokes(
    decoder: SketchDecoder, code: Float[Tensor, " code"], strokes: Strokes, strays: Sequence[float]
) -> list[Placement]:
    """Offsets of normalised strokes under each assumption on the hand.

    Args:
        decoder: In evaluation mode.
        code: Of the sketch as it is.
        strokes: Absolute places, the first point at the origin.
        strays: Deviations of the error in x and in y (tau), in the unit of the strokes.
    """
    num_beams = len(strays)
    row = code.new_tensor(START_ROW).expand(num_beams, -1)
    start = decoder.start(code.expand(num_beams, -1))
    beam = _Beam(start, row, code.new_zeros(num_beams), code.new_zeros(num_beams, 0, 2))
    beam = _step(decoder, code, beam, row)
    for k, stroke in enumerate(strokes):
        points = torch.from_numpy(stroke)
        if k == 0:
            shift = code.new_zeros(num_beams, 2)
            log_prob = mixture_log_density(split_mixture(beam.told), points[:1].expand_as(shift))
        else:
            beam, shift, log_prob = _branch(beam, points[0], strays)
        beam = _Beam(beam.state, beam.told, log_prob, beam.offsets)
        beam = _follow(decoder, code, beam, points + shift[:, None])
        offsets = torch.cat([beam.offsets, shift[:, None]], dim=1)
        beam = _Beam(beam.state, beam.told, beam.log_prob, offsets)
        beam = beam.take(_find_best(beam.log_prob, num_beams))
    # The best hypothesis of each beam comes first.
    first = beam.take(torch.arange(0, len(beam.log_prob), len(beam.log_prob) // num_beams))
    return [
        Placement(offsets.numpy(), float(log_prob))
        for offsets, log_prob in zip(first.offsets, first.log_prob, strict=True)
    ]


def update_mixture(
    mixture: Mixture, drawn: Float[Tensor, " 2"], stray: Float[Tensor, "*batch 1"]
) -> tuple[Float[Tensor, "*batch components"], Float[Tensor, "*batch components 2"]]:
    """Bayes' rule for each component: logarithms of shares times evidence, and new centres.

    Args:
        mixture: What the decoder expects.
        drawn: Where the point was drawn.
        stray: Deviation of the error in x and in y.
    """
    deviation = mixture.log_deviation.exp()
    cross = torch.tanh(mixture.skew) * deviation.prod(-1)
    covariance = torch.diag_embed(deviation.square())
    covariance = covariance + cross[..., None, None] * (1 - torch.eye(2, dtype=deviation.dtype))
    total = covariance + torch.diag_embed(stray.square()[..., None].expand_as(deviation))
    away = drawn - mixture.mean
    pull = torch.linalg.solve(total, away)
    log_density = -0.5 * ((away * pull).sum(-1) + torch.logdet(total)) - math.log(2 * math.pi)
    centre = mixture.mean + (covariance @ pull[..., None])[..., 0]
    return mixture.log_weight + log_density, centre


def _branch(beam: _Beam, drawn: Tensor, strays: Sequence[float]) -> tuple[_Beam, Tensor, Tensor]:
    """Each hypothesis several times, with an offset and a new logarithm of its probability."""
    stray = drawn.new_tensor(strays).repeat_interleave(len(beam.told) // len(strays))
    log_weight, centre = update_mixture(split_mixture(beam.told), drawn, stray[:, None])
    best = log_weight.topk(min(BRANCH, log_weight.shape[1]), dim=1)
    centre = centre.gather(1, best.indices[..., None].expand(-1, -1, 2))
    log_prob = beam.log_prob[:, None] + best.values
    beam = beam.take(torch.arange(len(centre)).repeat_interleave(centre.shape[1]))
    return beam, centre.flatten(0, 1) - drawn, log_prob.flatten()


def _find_best(log_prob: Float[Tensor, " beam"], num_beams: int) -> Tensor:
    """Rows of the best hypotheses of each beam, one beam after another, best first."""
    grouped = log_prob.reshape(num_beams, -1)
    best = grouped.topk(min(WIDTH, grouped.shape[1]), dim=1).indices
    return (best + grouped.shape[1] * torch.arange(num_beams)[:, None]).flatten()


def _follow(
    decoder: SketchDecoder, code: Tensor, beam: _Beam, points: Float[Tensor, "beam points 2"]
) -> _Beam:
    """Lead each hypothesis along its stroke and add up what the decoder says of it.

    What it says of the place of the first point has been counted.
    """
    num_points = points.shape[1]
    for i, place in enumerate(points.unbind(1)):
        mixture = split_mixture(beam.told)
        pen = int(i == num_points - 1)
        log_prob = beam.log_prob + F.log_softmax(mixture.pen, dim=-1)[:, pen]
        if i:
            log_prob = log_prob + mixture_log_density(mixture, place)
        row = torch.cat([place, _pen_row(pen, place)], dim=1)
        beam = _step(decoder, code, _Beam(beam.state, beam.told, log_prob, beam.offsets), row)
    return beam


def _step(decoder: SketchDecoder, code: Tensor, beam: _Beam, row: Tensor) -> _Beam:
    inputs = torch.cat([row, code.expand(len(row), -1)], dim=1)
    state = decoder.cell.step(decoder.cell.project(inputs), beam.state)
    return _Beam(state, decoder.to_mixture(state[0]), beam.log_prob, beam.offsets)


def _pen_row(pen: int, like: Tensor) -> Tensor:
    row = like.new_zeros(3)
    row[pen] = 1
    return row.expand(len(like), 3)
