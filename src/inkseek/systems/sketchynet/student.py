"""The training loop's side of a SketchyNet student (V1), for Lightning."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from inkseek.errors import RecipeError
from inkseek.models.backbones import (
    EmbeddingNet,
    create_backbone,
    freeze_batch_norm,
    num_features_of,
    scale_pixels,
    weights_root,
)
from inkseek.models.strided import quicken_strides
from inkseek.models.switchable import split_norms, use_norms
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.objective import (
    Pair,
    canvas_objective,
    draw_negatives,
    find_peers,
)
from inkseek.training.module import MeasuredModule
from inkseek.training.optimiser import create_optimiser
from inkseek.training.trained import Teacher, load_trained

PHOTO = "photo"
"""Key of the batch norms that photos use."""

Validate = Callable[[EmbeddingNet], dict[str, float]]


def create_student(config: StudentConfig, *, pretrained: bool = True) -> EmbeddingNet:
    """The network of a recipe; without ``pretrained`` it starts at random.

    A run without a head gives its backbone alone, unless the student has none either: the head
    is then set by `models.principal`.

    Raises:
        RecipeError: The run to start from has another backbone, or a head of another width.
    """
    weights = weights_root() / config.weights if config.weights and pretrained else None
    if config.start is not None:
        weights = None
    backbone = create_backbone(config.backbone, weights=weights, pad_type=config.pad_type)
    network = EmbeddingNet(backbone, num_features_of(backbone), config.dim)
    if config.start is not None and pretrained:
        origin = load_trained(Path(config.start))
        fits = origin.dim == config.dim or not origin.has_head
        if origin.backbone != config.backbone or not fits:
            raise RecipeError(
                f"{config.start} holds {origin.backbone} of width {origin.dim}, but the student "
                f"is {config.backbone} of width {config.dim}"
            )
        part = network if origin.has_head else network.backbone
        whole = origin.network if origin.has_head else origin.network.backbone
        part.load_state_dict(whole.state_dict())
    if config.norms == "by_canvas":
        split_norms(network, [*map(str, config.canvas_sizes), PHOTO])
    return network


class StudentModule(MeasuredModule[StudentConfig, EmbeddingNet]):
    """Embeds sketches on every canvas and compares their distances with a frozen teacher's."""

    def __init__(
        self,
        config: StudentConfig,
        teacher: Teacher,
        validate: Validate | None = None,
    ) -> None:
        super().__init__(config, validate)
        torch.manual_seed(config.seed)
        self.network = create_student(config)
        quicken_strides(self.network)
        # Within a plain object, so that neither checkpoints nor averaged weights hold its network.
        self._teacher = teacher
        teacher.network.eval().requires_grad_(False)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Lightning switches modules to training mode; shared statistics stay frozen."""
        if self.config.norms == "shared":
            freeze_batch_norm(self.network)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """The mean over canvases of triplet loss and distillation (section 3.1)."""
        config = self.config
        teacher = self._embed_by_teacher(batch)
        photo = self._embed(fit_photo(batch["photo"], config.photo_canvas_size), PHOTO)
        peers = find_peers(batch["category"], batch["block"])
        generator = torch.Generator().manual_seed(int(batch["step"]))
        negative = draw_negatives(peers, generator)
        triplets, distilled = [], []
        for size in config.canvas_sizes:
            student = Pair(self._embed(batch[f"sketch-{size}"], str(size)), photo)
            # In bfloat16 the gap between two distances would be lost.
            with torch.autocast(self.device.type, enabled=False):
                triplet, relation = canvas_objective(student, teacher, peers, negative, config)
            triplets.append(triplet)
            distilled.append(relation)
        triplet, relation = torch.stack(triplets).mean(), torch.stack(distilled).mean()
        total = (1 - config.distil_weight) * triplet + config.distil_weight * relation
        self.log_dict(
            {"train/loss": total, "train/triplet": triplet, "train/distilled": relation},
            prog_bar=True,
        )
        return total

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW with linear warm-up and a cosine to zero."""
        config = self.config
        return create_optimiser(
            ((self.network, config.learning_rate),),
            weight_decay=config.weight_decay,
            warmup=config.warmup,
            steps=config.steps,
        )

    def _embed(self, images: Tensor, norms: str) -> Tensor:
        use_norms(self.network, norms)
        pixels = scale_pixels(images).contiguous(memory_format=torch.channels_last)
        rows: Tensor = self.network(pixels).float()
        return rows

    @torch.no_grad()
    def _embed_by_teacher(self, batch: dict[str, Tensor]) -> Pair:
        network = self._teacher.network.to(self.device)
        sketch = batch[f"sketch-{self._teacher.canvas_size}"]
        photo = fit_photo(batch["photo"], self._teacher.photo_size)
        return Pair(
            *(
                network(scale_pixels(images).contiguous(memory_format=torch.channels_last)).float()
                for images in (sketch, photo)
            )
        )


def fit_photo(photo: Tensor, side: int) -> Tensor:
    """Photos as bytes at a smaller side."""
    if photo.shape[-1] == side:
        return photo
    smaller = interpolate(photo.float(), (side, side), mode="bilinear", antialias=True)
    return smaller.round().clamp(0, 255).to(photo.dtype)
