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
        pretrained: Download timm's own weights when `weights` names no file.
        pixel_mean: Mean of the three channels in [0, 1] under which the start weights were trained.
        pixel_std: The same for their deviation; 0.5 for all is the project's own scale.
        start: Folder of an earlier run of the same network whose averaged weights this one starts
            from, instead of from `weights`.
        pad_type: Padding of strided convolutions, as the start weights were trained.
        dim: Width of the embedding.
        head: Whether a linear layer makes the embedding of the pooled features; without one `dim`
            must be their number.
        canvas_size: Side in pixels at which sketches are drawn, in the end and at search time.
        photo_canvas_size: The same for photos, which are embedded once and may cost more.
        early_sizes: Smaller sides of both to begin with, in order, since their steps are cheaper.
        early_shares: Share of the steps at each of them; the rest has the sizes above.
        photo_size: Side at which photos are packed; crops come from it.
        sets: Data sets, by the names of `systems.siamese.data.READERS`.
        held_back: More categories that this run does not train on, beside `data.sets.held_back`:
            a stand-in for unseen ones, to choose recipes by.
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
        neighbourhood_weight: Weight of `losses.contrastive.neighbourhood_loss`; zero needs no
            reference network.
        reference: timm name of the frozen network that says which photos are near; its start
            weights are `INKSEEK_WEIGHTS`'s file of that name.
        reference_size: Side in pixels at which it sees photos.
        reference_temperature: Of the softmax over its cosines.
        memory: Rows of earlier batches that join the category loss.
        ema_decay: Of the averaged weights that are exported.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        seed: Of everything random.
        plan: What a batch is made of.
        views: How sketches and photos are augmented.
    """

    name: str
    backbone: str = "mobilenetv2_100"
    weights: str | None = "mobilenetv2_100.safetensors"
    pretrained: bool = False
    pixel_mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    pixel_std: tuple[float, ...] = (0.5, 0.5, 0.5)
    start: str | None = None
    pad_type: str = "same"
    dim: int = 128
    head: bool = True
    canvas_size: int = 96
    photo_canvas_size: int = 128
    early_sizes: tuple[int, ...] = (64, 96)
    early_shares: tuple[float, ...] = (0.4, 0.4)
    photo_size: int = 144
    sets: tuple[str, ...] = (
        "sketchy-mini",
        "sketchy-more",
        "shoes",
        "emoji",
        "quickdraw",
        "quickdraw-strokes",
    )
    held_back: tuple[str, ...] = ()
    steps: int = 3200
    stop_step: int | None = None
    learning_rate: float = 4e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warmup: int = 100
    temperature: float = 0.07
    margin: float = 0.2
    instance_weight: float = 1.0
    category_weight: float = 1.0
    triplet_weight: float = 0.0
    neighbourhood_weight: float = 1.0
    reference: str = "tf_efficientnet_lite2"
    reference_size: int = 224
    reference_temperature: float = 0.15
    memory: int = 0
    ema_decay: float = 0.998
    validate_every: int = 1000
    save_every: int = 100
    seed: int = 0
    plan: BatchPlan = field(default_factory=BatchPlan)
    views: ViewConfig = field(default_factory=ViewConfig)

    def sizes_at(self, step: int) -> tuple[int, int]:
        """Sides of sketches and of photos at an optimiser step."""
        begun = 0.0
        for size, share in zip(self.early_sizes, self.early_shares, strict=True):
            begun += share * self.steps
            if step < begun:
                return size, size
        return self.canvas_size, self.photo_canvas_size

    @property
    def last_step(self) -> int:
        """Optimiser steps that are really done."""
        return self.steps if self.stop_step is None else min(self.stop_step, self.steps)
