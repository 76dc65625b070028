"""The training loop's side of a ZSE network, for Lightning."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from inkseek.models.backbones import freeze_batch_norm, scale_pixels
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.convnet import ConvnetTrunk
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.objective import Objective, add_up, match_objective, retrieval_objective
from inkseek.systems.zse.pairing import Pairs, pair_as_published, pair_with_candidates
from inkseek.training.module import MeasuredModule
from inkseek.training.optimiser import create_optimiser

Validate = Callable[[ZseNetwork], dict[str, float]]


class ZseModule(MeasuredModule[ZseConfig, ZseNetwork]):
    """Encodes both sides of a batch, meets them pair by pair, compares."""

    def __init__(self, config: ZseConfig, validate: Validate | None = None) -> None:
        super().__init__(config, validate)
        torch.manual_seed(config.seed)
        self.network = ZseNetwork(config.network)
        if config.freeze_backbone and isinstance(self.network.trunk, ConvnetTrunk):
            self.network.trunk.freeze_backbone()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Lightning switches modules to training mode; statistics of batch norms stay frozen.

        Dropout is seeded by the step, so that a resumed run goes on as an uninterrupted one.
        """
        freeze_batch_norm(self.network)
        torch.manual_seed(self.config.seed + int(batch["step"]))

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch of items."""
        objective = self.compute_objective(batch)
        self.log_dict({f"train/{k}": v for k, v in vars(objective).items()}, prog_bar=True)
        return objective.total

    def compute_objective(self, batch: dict[str, Tensor]) -> Objective:
        """The losses of a batch that `data.ItemStream` made."""
        config, network = self.config, self.network
        pixels = torch.cat([scale_pixels(batch["sketch"]), scale_pixels(batch["photo"])])
        encoded = network(pixels.contiguous(memory_format=torch.channels_last))
        sketch, photo = encoded.tokens.chunk(2)
        same = batch["sketch_category"][:, None] == batch["photo_category"][None, :]
        pairs = self._pair(sketch[:, 0], photo[:, 0], same, int(batch["step"]))
        match = network.match(sketch, photo, pairs.rows, pairs.columns)
        # In bfloat16 a log-softmax would keep two digits.
        with torch.autocast(self.device.type, enabled=False):
            by_match = match_objective(match.to_float(), pairs, config)
            by_token = retrieval_objective(
                sketch[:, 0].float(), photo[:, 0].float(), same, batch["reference"], config
            )
            return add_up(by_match, by_token, config)

    def _pair(self, sketch: Tensor, photo: Tensor, same: Tensor, step: int) -> Pairs:
        if not self.config.negatives:
            return pair_as_published(same)
        similarity = normalize(sketch.float()) @ normalize(photo.float()).T
        generator = torch.Generator().manual_seed(step)
        return pair_with_candidates(similarity, same, self.config.negatives, generator=generator)

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW: at one rate as published, or with warm-up, cosine and no decay on vectors."""
        config = self.config
        if config.schedule == "constant":
            return torch.optim.AdamW(
                self.network.parameters(), config.learning_rate, weight_decay=config.weight_decay
            )
        return create_optimiser(
            ((self.network, config.learning_rate),),
            weight_decay=config.weight_decay,
            warmup=config.warmup,
            steps=config.steps,
        )
