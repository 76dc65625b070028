"""Where the decoder would draw given strokes: one rigid offset a stroke.

The decoder is led along the user's strokes in their order. Before each it says, as a mixture,
where the next stroke begins; the stroke is tried at the likeliest centres, and what the decoder
then makes of its other points decides. A few hypotheses are kept (beam search), since a stroke
may turn out misplaced only by the next. The paper regenerates sketches instead, which redraws
every stroke.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32
from torch import Tensor

from inkseek.data.sequences import Strokes
from inkseek.losses.mixture import mixture_log_density, split_mixture
from inkseek.models.recurrent import State
from inkseek.systems.sketchgloc.decoder import START_ROW, SketchDecoder

WIDTH = 4
"""Hypotheses kept after a stroke."""

BRANCH = 5
"""Beginnings tried for each, of the mixture's components."""


@dataclass(frozen=True, eq=False)
class _Beam:
    """Hypotheses: what the decoder remembers, what it says next, how likely, the offsets."""

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
    decoder: SketchDecoder, code: Float[Tensor, " code"], strokes: Strokes
) -> Float32[np.ndarray, "strokes 2"]:
    """Offsets of normalised strokes; the first is zero.

    Args:
        decoder: In evaluation mode.
        code: Of the sketch as it is.
        strokes: Absolute places, the first point at the origin.
    """
    row = code.new_tensor([START_ROW])
    beam = _Beam(decoder.start(code[None]), row, code.new_zeros(1), code.new_zeros(1, 0, 2))
    beam = _step(decoder, code, beam, row)
    for k, stroke in enumerate(strokes):
        points = torch.from_numpy(stroke)
        if k == 0:
            shift = code.new_zeros(1, 2)
        else:
            mixture = split_mixture(beam.told)
            branch = min(BRANCH, mixture.log_weight.shape[1])
            best = mixture.log_weight.topk(branch, dim=1).indices
            centres = mixture.mean.gather(1, best[..., None].expand(-1, -1, 2))
            beam = beam.take(torch.arange(len(best)).repeat_interleave(branch))
            shift = centres.flatten(0, 1) - points[0]
        beam = _follow(decoder, code, beam, points + shift[:, None])
        offsets = torch.cat([beam.offsets, shift[:, None]], dim=1)
        beam = _Beam(beam.state, beam.told, beam.log_prob, offsets)
        beam = beam.take(beam.log_prob.topk(min(WIDTH, len(shift))).indices)
    best_offsets: Float32[np.ndarray, "strokes 2"] = beam.offsets[0].numpy()
    return best_offsets


def _follow(
    decoder: SketchDecoder, code: Tensor, beam: _Beam, points: Float[Tensor, "beam points 2"]
) -> _Beam:
    """Lead each hypothesis along its stroke and add up what the decoder says of it."""
    num_points = points.shape[1]
    for i, place in enumerate(points.unbind(1)):
        mixture = split_mixture(beam.told)
        pen = int(i == num_points - 1)
        log_pen = F.log_softmax(mixture.pen, dim=-1)[:, pen]
        log_prob = beam.log_prob + mixture_log_density(mixture, place) + log_pen
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
