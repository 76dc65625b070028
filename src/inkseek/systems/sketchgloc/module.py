"""The training loop's side of SketchGloc, for Lightning."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import Limits
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.training.recipe import to_tree

STACKED = 3
"""Dimensions of a parameter that holds several kernels, each clipped for itself."""


class SketchGlocModule(lightning.LightningModule):
    """A network with its optimiser, and what a checkpoint must say for it to be used.

    Attributes:
        scale: Unit of the sequences (`SequenceSet.scale`).
        limits: Sizes of nodes, graphs and targets.
    """

    def __init__(self, config: SketchGlocConfig, scale: float, limits: Limits) -> None:
        super().__init__()
        self.save_hyperparameters(to_tree(config))
        self.config, self.scale, self.limits = config, scale, limits
        torch.manual_seed(config.seed)
        self.network = SketchGloc(config)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch; its noise depends on the seed and the step alone."""
        generator = torch.Generator(self.device)
        generator.manual_seed((self.config.seed << 32) + self.global_step)
        loss = compute_objective(self.network, batch, generator)
        self.log_dict(
            {"train/loss": loss.total, "train/place": loss.place, "train/pen": loss.pen},
            prog_bar=True,
            batch_size=len(batch["target"]),
        )
        return loss.total

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Loss of evaluation, a mean over sketches."""
        loss = compute_objective(self.network, batch)
        self.log_dict(
            {"val/loss": loss.total, "val/place": loss.place, "val/pen": loss.pen},
            batch_size=len(batch["target"]),
        )

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip the gradient of each parameter for itself."""
        clip_each(self.network.parameters(), self.config.grad_clip)

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """Adam with a rate that decays step by step, as the released code means but never does."""
        config = self.config
        optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: config.rate_at(step) / config.learning_rate
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The unit and the sizes are part of a model."""
        checkpoint["scale"] = self.scale
        checkpoint["limits"] = asdict(self.limits)


def clip_each(parameters: Iterable[nn.Parameter], limit: float) -> None:
    """Scale gradients longer than ``limit`` down to it, kernel by kernel."""
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is None:
            continue
        rows = gradient.flatten(1) if gradient.ndim == STACKED else gradient.flatten()[None]
        norm = torch.linalg.vector_norm(rows, dim=1)
        factor = (limit / norm.clamp(min=1e-12)).clamp(max=1.0)
        gradient.mul_(factor.reshape(-1, *[1] * (gradient.ndim - 1)) if len(factor) > 1 else factor)
