"""What SketchGloc learns: to draw the clean sketch from the code of a disturbed one."""

from collections.abc import Mapping

import torch
from torch import Tensor

from inkseek.losses.mixture import SketchLoss, sketch_loss, split_mixture
from inkseek.systems.sketchgloc.network import SketchGloc


def compute_objective(
    network: SketchGloc, batch: Mapping[str, Tensor], generator: torch.Generator | None = None
) -> SketchLoss:
    """The reconstruction loss alone: there is no KL term, so codes have no prior to be drawn from.

    Args:
        network: In training or evaluation mode, which decides about batch norm only.
        batch: Of `data.collate`.
        generator: Source of code noise and dropout. Without one the loss is that of evaluation:
            from the mean code, with the pen masked after the end.
    """
    mixture = split_mixture(network(batch, generator))
    return sketch_loss(mixture, batch["target"], mask_pen=generator is None)
