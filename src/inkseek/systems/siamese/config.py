"""Everything a siamese training run depends on."""

from dataclasses import dataclass, field

from inkseek.data.sampler import BatchPlan
from inkseek.data.views import ViewConfig


@dataclass(frozen=True)
class SiameseConfig:
    """How the siamese encoder is trained.

    Attributes:
        name: Name of the run and of the model folder it makes.
        backbone: A timm name.
        weights: File in `INKSEEK_WEIGHTS` with start weights; ``None`` starts at random.
        pad_type: Padding of strided convolutions, as the start weights were trained.
        dim: Width of the embedding.
        canvas_size: Side of sketches and photos in pixels, in the end and at search time.
        start_canvas_size: Smaller side for the first `start_share` of the steps, for speed.
        start_share: Share of the steps at the smaller side.
        photo_size: Side at which photos are packed; crops come from it.
        sets: Data sets, by the names of `systems.siamese.data.READERS`.
        steps: Optimiser steps of the learning-rate schedule.
        stop_step: Where the run ends, if before the schedule does; the averaged weights make up
            for most of the missing tail.
        learning_rate: Peak rate of the backbone (AdamW, cosine to zero after warm-up).
        head_learning_rate: Peak rate of the head, which starts at random.
        weight_decay: Decoupled, on matrices and kernels only.
        warmup: Steps of linear warm-up.
        temperature: Of both softmax losses.
        margin: Of the triplet loss, in squared distance.
        instance_weight: Weight of `losses.contrastive.instance_loss`.
        category_weight: Weight of `losses.contrastive.category_loss`.
        triplet_weight: Weight of `losses.triplet.hard_triplet_loss`.
        ema_decay: Of the averaged weights that are exported.
        validate_every: Steps between validations.
        seed: Of everything random.
        plan: What a batch is made of.
        views: How sketches and photos are augmented.
    """

    name: str
    backbone: str = "mobilenetv2_100"
    weights: str | None = "mobilenetv2_100.safetensors"
    pad_type: str = "same"
    dim: int = 128
    canvas_size: int = 128
    start_canvas_size: int = 96
    start_share: float = 0.6
    photo_size: int = 144
    sets: tuple[str, ...] = ("sketchy-mini", "sketchy-more", "shoes", "emoji", "quickdraw")
    steps: int = 3200
    stop_step: int | None = None
    learning_rate: float = 4e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warmup: int = 100
    temperature: float = 0.07
    margin: float = 0.2
    instance_weight: float = 1.0
    category_weight: float = 0.5
    triplet_weight: float = 0.0
    ema_decay: float = 0.998
    validate_every: int = 1000
    seed: int = 0
    plan: BatchPlan = field(default_factory=BatchPlan)
    views: ViewConfig = field(default_factory=ViewConfig)

    @property
    def last_step(self) -> int:
        """Optimiser steps that are really done."""
        return self.steps if self.stop_step is None else min(self.stop_step, self.steps)
