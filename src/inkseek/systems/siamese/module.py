"""The training loop's side of the siamese encoder, for Lightning."""

from collections.abc import Callable
from typing import Any

import lightning
import torch
from torch import Tensor

from inkseek.models.backbones import (
    EmbeddingNet,
    create_backbone,
    freeze_batch_norm,
    num_features_of,
    scale_pixels,
    weights_root,
)
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.objective import compute_objective
from inkseek.training.recipe import to_tree

Validate = Callable[[EmbeddingNet], dict[str, float]]


def create_network(config: SiameseConfig, *, pretrained: bool = True) -> EmbeddingNet:
    """The network of a recipe; without ``pretrained`` it starts at random."""
    weights = weights_root() / config.weights if config.weights and pretrained else None
    backbone = create_backbone(config.backbone, weights=weights, pad_type=config.pad_type)
    return EmbeddingNet(backbone, num_features_of(backbone), config.dim)


class SiameseModule(lightning.LightningModule):
    """Embeds both sides of a batch in one pass and compares them."""

    def __init__(self, config: SiameseConfig, validate: Validate | None = None) -> None:
        super().__init__()
        self.save_hyperparameters(to_tree(config))
        self.config = config
        # The head's start is part of the recipe too.
        torch.manual_seed(config.seed)
        self.network = create_network(config)
        self._validate = validate

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Lightning switches modules to training mode; the statistics stay frozen."""
        freeze_batch_norm(self.network)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch of pairs."""
        images = scale_pixels(torch.cat([batch["sketch"], batch["photo"]]))
        images = images.contiguous(memory_format=torch.channels_last)
        sketch, photo = self.network(images).float().chunk(2)
        objective = compute_objective(sketch, photo, batch["category"], batch["block"], self.config)
        self.log_dict(
            {
                "train/loss": objective.total,
                "train/instance": objective.instance,
                "train/category": objective.category,
                "train/triplet": objective.triplet,
            },
            prog_bar=True,
        )
        return objective.total

    def validation_step(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Retrieval on the validation splits, by the function given at the start."""
        if self._validate is not None:
            self.log_dict(self._validate(self.network), batch_size=1)

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW with linear warm-up and a cosine to zero; no decay on vectors."""
        config = self.config
        groups = []
        for module, rate in (
            (self.network.backbone, config.learning_rate),
            (self.network.head, config.head_learning_rate),
        ):
            parameters = list(module.parameters())
            kernels = [p for p in parameters if p.ndim > 1]
            vectors = [p for p in parameters if p.ndim <= 1]
            groups.append({"params": kernels, "lr": rate, "weight_decay": config.weight_decay})
            groups.append({"params": vectors, "lr": rate, "weight_decay": 0.0})
        optimizer = torch.optim.AdamW(groups)
        schedule = torch.optim.lr_scheduler.SequentialLR(
            optimizer,
            [
                torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, config.warmup),
                torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps - config.warmup),
            ],
            [config.warmup],
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
