"""The network, what one step does to it, and the training loop's side of both for Lightning."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, UInt8
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from torch.func import functional_call

from inkseek.models.backbones import create_backbone, freeze_batch_norm, weights_root
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.objective import retrieval_loss, sampled_topology_loss
from inkseek.systems.photo_topology.update import (
    Parameters,
    Update,
    multi_task_update,
    single_update,
    two_step_update,
)
from inkseek.training.module import MeasuredModule

Validate = Callable[["PooledNet"], dict[str, float]]


class PooledNet(nn.Module):
    """Backbone and global average pool: bytes to embedding, neither projected nor normalised."""

    mean: Tensor
    std: Tensor

    def __init__(
        self, backbone: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]
    ) -> None:
        super().__init__()
        self.backbone = backbone
        # Not among the weights: they belong to the recipe, which says them.
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    def forward(self, image: UInt8[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed images of bytes."""
        pixels = (image.to(torch.float32) / 255.0 - self.mean) / self.std
        tokens = self.backbone(pixels.contiguous(memory_format=torch.channels_last))
        embedding: Tensor = tokens.mean(dim=(2, 3)).float()
        return embedding


def create_network(config: TopologyConfig) -> PooledNet:
    """The network of a recipe with its start weights."""
    weights = weights_root() / config.weights if config.weights else None
    torch.manual_seed(config.seed)
    backbone = create_backbone(
        config.backbone, weights=weights, pad_type=config.pad_type, pretrained=config.pretrained
    )
    return PooledNet(backbone, config.pixel_mean, config.pixel_std)


@dataclass(frozen=True, eq=False)
class BatchLosses:
    """The two losses of a batch as functions of its embeddings: sketches, their photos, others.

    Attributes:
        batch: As `TripletStream.batch` makes it.
        config: Margins and pairs.
        generator: Draws negatives and pairs, in the order of the calls.
    """

    batch: dict[str, Tensor]
    config: TopologyConfig
    generator: torch.Generator

    def retrieval(self, embedding: Float[Tensor, "image dim"]) -> Float[Tensor, ""]:
        """`retrieval_loss`; other photos take no part."""
        rows = len(self.batch["sketch"])
        return retrieval_loss(
            embedding[:rows],
            embedding[rows : 2 * rows],
            identity=self.batch["identity"][:rows],
            margin=self.config.sketch_margin,
            generator=self.generator,
        )

    def topology(self, embedding: Float[Tensor, "image dim"]) -> Float[Tensor, ""]:
        """`sampled_topology_loss` over all photos."""
        rows = len(self.batch["sketch"])
        return sampled_topology_loss(
            embedding[:rows],
            embedding[rows:],
            reference=self.batch["reference"],
            identity=self.batch["identity"],
            pairs=self.config.pairs,
            margin=self.config.topology_margin,
            generator=self.generator,
        )


def find_update(network: nn.Module, batch: dict[str, Tensor], config: TopologyConfig) -> Update:
    """The gradient of one step by the method of the recipe; parameters are not changed.

    Batch norms that use the statistics of the batch move their running ones once a step, with the
    retrieval loss: the second pass of the two-step update works on copies.

    Args:
        network: Images to embeddings, in training mode.
        batch: As `TripletStream.batch` makes it.
        config: Method, margins and rates.
    """
    losses = BatchLosses(batch, config, torch.Generator().manual_seed(int(batch["seed"])))
    parameters = dict(network.named_parameters())
    pairs = torch.cat([batch["sketch"], batch["photo"]])
    all_images = torch.cat([pairs, batch["undrawn"]])

    def first(weights: Parameters) -> Tensor:
        return losses.retrieval(functional_call(network, dict(weights), (pairs,)))

    def second(weights: Parameters) -> Tensor:
        buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
        return losses.topology(functional_call(network, {**weights, **buffers}, (all_images,)))

    def both(weights: Parameters) -> tuple[Tensor, Tensor]:
        embedding = functional_call(network, dict(weights), (all_images,))
        return losses.retrieval(embedding), losses.topology(embedding)

    weight = config.topology_weight
    if config.method == "triplet":
        return single_update(parameters, first)
    if config.method == "multi_task":
        return multi_task_update(parameters, both, weight=weight)
    return two_step_update(parameters, first, second, inner_rate=config.inner_step, weight=weight)


def create_optimiser(network: nn.Module, config: TopologyConfig) -> torch.optim.Optimizer:
    """SGD with momentum as in the paper, or one of the two it compares with (footnote 1)."""
    parameters, rate, decay = network.parameters(), config.learning_rate, config.weight_decay
    if config.optimiser == "adam":
        return torch.optim.Adam(parameters, rate, weight_decay=decay)
    if config.optimiser == "adamw":
        return torch.optim.AdamW(parameters, rate, weight_decay=decay)
    return torch.optim.SGD(parameters, rate, momentum=config.momentum, weight_decay=decay)


class TopologyModule(MeasuredModule[TopologyConfig, PooledNet]):
    """Sets the gradient that `find_update` found, and steps."""

    def __init__(self, config: TopologyConfig, validate: Validate | None = None) -> None:
        super().__init__(config, validate)
        # The gradient of the two-step update is not that of one loss.
        self.automatic_optimization = False
        self.network = create_network(config)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Lightning switches modules to training mode; frozen statistics stay so."""
        if self.config.norms == "frozen":
            freeze_batch_norm(self.network)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """One update of the weights."""
        update = find_update(self.network, batch, self.config)
        for name, parameter in self.network.named_parameters():
            parameter.grad = update.gradient[name]
        optimiser = self.optimizers()
        if not isinstance(optimiser, LightningOptimizer):
            raise TypeError(f"one optimiser is expected, but there is {optimiser!r}")
        optimiser.step()
        self.log_dict(
            {"train/retrieval": update.retrieval, "train/topology": update.topology},
            prog_bar=True,
        )

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """A constant rate: the paper tells of no schedule."""
        return create_optimiser(self.network, self.config)
