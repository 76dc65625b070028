"""Everything a SketchyNet student (V1) depends on."""

from dataclasses import dataclass, field
from typing import Literal

from inkseek.data.sampler import BatchPlan
from inkseek.data.views import ViewConfig
from inkseek.errors import RecipeError

Relations = Literal["triplet", "batch"]
Norms = Literal["shared", "by_canvas"]


@dataclass(frozen=True)
class StudentConfig:
    r"""How a student is distilled from a teacher on several canvases.

    Attributes:
        name: Name of the run.
        teachers: Folders of the teacher's runs; of several, the cosines are averaged.
        start: Folder of a run whose network the student starts from, instead of from `weights`;
            the backbone and the width must be the same.
        backbone: A timm name.
        weights: File in `INKSEEK_WEIGHTS` with start weights; ``None`` starts at random.
        pad_type: Padding of strided convolutions, as the start weights were trained.
        dim: Width of the embedding; need not be the teacher's.
        canvas_sizes: Sides in pixels at which the student sees a sketch.
        usual_canvas_size: Of those sides, the one at which an exported student draws a sketch
            when no selector chooses; by default the largest.
        photo_canvas_size: Side at which it sees photos.
        norms: ``shared``: one set of batch norms, statistics frozen. ``by_canvas``: each canvas
            (and photos) has norms of its own, and their statistics follow the batch.
        relations: ``triplet``: Eq. 2 as printed, one random negative. ``batch``: the distances
            of all pairs of the batch, and the hardest peer of each sketch (ours).
        distil_weight: $1 - \lambda$, of the distillation against the triplet loss.
        margin: $m$ of Eq. 1, in squared distance.
        beta: Where Huber's function of Eq. 2 turns linear.
        photo_size: Side at which photos are packed.
        sets: Data sets.
        steps: Optimiser steps of the learning-rate schedule.
        stop_step: Where the run ends, if before the schedule does.
        learning_rate: Peak rate (AdamW, cosine to zero after warm-up).
        weight_decay: Decoupled, on kernels only.
        warmup: Steps of linear warm-up.
        ema_decay: Of the averaged weights that are exported.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        seed: Of everything random.
        plan: What a batch is made of.
        views: How sketches and photos are augmented.
    """

    name: str
    teachers: tuple[str, ...]
    start: str | None = None
    backbone: str = "mobilenetv2_100"
    weights: str | None = "mobilenetv2_100.safetensors"
    pad_type: str = "same"
    dim: int = 128
    canvas_sizes: tuple[int, ...] = (32, 64, 128, 256)
    usual_canvas_size: int | None = None
    photo_canvas_size: int = 256
    norms: Norms = "shared"
    relations: Relations = "triplet"
    distil_weight: float = 0.5
    margin: float = 0.2
    beta: float = 1.0
    photo_size: int = 144
    sets: tuple[str, ...] = (
        "sketchy-mini",
        "sketchy-more",
        "shoes",
        "emoji",
        "quickdraw",
        "quickdraw-strokes",
    )
    steps: int = 2000
    stop_step: int | None = None
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    warmup: int = 100
    ema_decay: float = 0.998
    validate_every: int = 500
    save_every: int = 100
    seed: int = 0
    plan: BatchPlan = field(default_factory=BatchPlan)
    views: ViewConfig = field(default_factory=ViewConfig)

    def __post_init__(self) -> None:
        if not self.canvas_sizes or list(self.canvas_sizes) != sorted(set(self.canvas_sizes)):
            raise RecipeError(f"canvas_sizes {self.canvas_sizes} must rise, and name one at least")
        if self.usual_canvas_size not in (None, *self.canvas_sizes):
            raise RecipeError(
                f"usual_canvas_size is {self.usual_canvas_size}; it must be one of "
                f"{self.canvas_sizes}"
            )
        if not 0.0 <= self.distil_weight <= 1.0:
            raise RecipeError(f"distil_weight is {self.distil_weight}; it must lie in [0, 1]")

    @property
    def canvases_by_use(self) -> tuple[int, ...]:
        """The usual canvas, then the others, the largest first."""
        usual = self.usual_canvas_size or max(self.canvas_sizes)
        return (usual, *(size for size in reversed(self.canvas_sizes) if size != usual))

    @property
    def last_step(self) -> int:
        """Optimiser steps that are really done."""
        return self.steps if self.stop_step is None else min(self.stop_step, self.steps)
