"""What SketchGloc learns: to draw the clean sketch from the code of a disturbed one."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from inkseek.losses.mixture import SketchLoss, sketch_loss, split_mixture
from inkseek.systems.sketchgloc.network import SketchGloc


@dataclass(frozen=True, eq=False)
class Objective(SketchLoss):
    """The reconstruction loss, and what the encoder adds to it (`encoder.Encoded.penalty`)."""

    penalty: Float[Tensor, ""]

    @property
    def total(self) -> Float[Tensor, ""]:
        """What is learnt."""
        return self.place + self.pen + self.penalty


def compute_objective(
    network: SketchGloc, batch: Mapping[str, Tensor], generator: torch.Generator | None = None
) -> Objective:
    """The reconstruction loss alone: there is no KL term, so codes have no prior to be drawn from.

    Args:
        network: In training or evaluation mode, which decides about batch norm and penalty.
        batch: Of `data.collate`.
        generator: Source of code noise and dropout. Without one the loss is that of evaluation:
            from the mean code, with the pen masked after the end.
    """
    encoded = network.encode(batch, generator)
    raw = network.decoder(encoded.sample(generator), batch["target"], generator)
    loss = sketch_loss(split_mixture(raw), batch["target"], mask_pen=generator is None)
    penalty = loss.place.new_zeros(()) if encoded.penalty is None else encoded.penalty
    return Objective(loss.place, loss.pen, penalty)
