"""The training loop's side of the siamese encoder, for Lightning."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inkseek.models.backbones import (
    EmbeddingNet,
    create_backbone,
    freeze_batch_norm,
    num_features_of,
    pixel_scale,
    scale_pixels,
    weights_root,
)
from inkseek.models.strided import quicken_strides
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.memory import Memory
from inkseek.systems.siamese.objective import compute_objective
from inkseek.training.module import MeasuredModule
from inkseek.training.optimiser import create_optimiser
from inkseek.training.trained import read_averaged

Validate = Callable[[EmbeddingNet], dict[str, float]]


def create_network(config: SiameseConfig, *, pretrained: bool = True) -> EmbeddingNet:
    """The network of a recipe; without ``pretrained`` it starts at random."""
    weights = weights_root() / config.weights if config.weights and pretrained else None
    backbone = create_backbone(
        config.backbone,
        weights=weights,
        pad_type=config.pad_type,
        pretrained=config.pretrained and pretrained and config.start is None,
    )
    return EmbeddingNet(
        backbone,
        num_features_of(backbone),
        config.dim,
        head=config.head,
        pixels=pixel_scale(config.pixel_mean, config.pixel_std),
    )


class SiameseModule(MeasuredModule[SiameseConfig, EmbeddingNet]):
    """Embeds both sides of a batch and compares them."""

    def __init__(self, config: SiameseConfig, validate: Validate | None = None) -> None:
        super().__init__(config, validate)
        # The head's start is part of the recipe too.
        torch.manual_seed(config.seed)
        self.network = create_network(config)
        if config.start is not None:
            self.network.load_state_dict(read_averaged(Path(config.start)))
        quicken_strides(self.network)
        self.memory = Memory.empty(config.dim)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Lightning switches modules to training mode; the statistics stay frozen."""
        freeze_batch_norm(self.network)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch of pairs."""
        sketch, photo = self._embed(batch["sketch"]), self._embed(batch["photo"])
        category, reference = batch["category"], batch["reference"]
        objective = compute_objective(
            sketch,
            photo,
            category,
            batch["block"],
            reference,
            self.memory,
            self.config,
        )
        self.memory = self.memory.push(sketch, photo, category, limit=self.config.memory)
        self.log_dict(
            {
                "train/loss": objective.total,
                "train/instance": objective.instance,
                "train/category": objective.category,
                "train/triplet": objective.triplet,
                "train/neighbourhood": objective.neighbourhood,
            },
            prog_bar=True,
        )
        return objective.total

    def _embed(self, images: Tensor) -> Tensor:
        # Each side has a size of its own; batch norms are frozen, so neither sees the other.
        pixels = scale_pixels(images).contiguous(memory_format=torch.channels_last)
        rows: Tensor = self.network(pixels).float()
        return rows

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The memory is part of the state: a resumed run must see what an unbroken one sees."""
        checkpoint["memory"] = {**vars(self.memory)}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the memory."""
        self.memory = Memory(**checkpoint["memory"])

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW with linear warm-up and a cosine to zero; no decay on vectors."""
        config = self.config
        return create_optimiser(
            (
                (self.network.backbone, config.learning_rate),
                (self.network.head, config.head_learning_rate),
            ),
            weight_decay=config.weight_decay,
            warmup=config.warmup,
            steps=config.steps,
        )
