"""The training loop's side of the recogniser, for Lightning."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from inkseek.models.sketchanet import SketchANet
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.training.module import MeasuredModule
from inkseek.training.optimiser import create_optimiser

Validate = Callable[[SketchANet], dict[str, float]]


def create_network(config: RecogniserConfig) -> SketchANet:
    """The network of a recipe, with weights from the global generator of torch."""
    return SketchANet(
        len(config.categories),
        canvas_size=config.canvas_size,
        width=config.width,
        dropout=config.dropout,
    )


class RecogniserModule(MeasuredModule[RecogniserConfig, SketchANet]):
    """Cross-entropy over the categories of real sketches."""

    def __init__(self, config: RecogniserConfig, validate: Validate | None = None) -> None:
        super().__init__(config, validate)
        torch.manual_seed(config.seed)
        self.network = create_network(config)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch; what is dropped depends on the seed and the step alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed((self.config.seed << 32) + self.global_step)
            scores = self.network(batch["image"])
        loss = F.cross_entropy(scores.float(), batch["category"])
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW with linear warm-up and a cosine to zero."""
        config = self.config
        return create_optimiser(
            [(self.network, config.learning_rate)],
            weight_decay=config.weight_decay,
            warmup=config.warmup,
            steps=config.steps,
        )
