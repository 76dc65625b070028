"""Everything a recogniser run depends on."""

from dataclasses import dataclass

from inkseek.errors import RecipeError
from inkseek.models.sketchanet import CANVAS_SIZE


@dataclass(frozen=True)
class RecogniserConfig:
    """How a Sketch-a-Net is trained on real sketches.

    Attributes:
        name: Name of the run.
        source: Folder of the categories' files, below ``INKSEEK_DATA``.
        categories: Names of the files, without suffix.
        num_per_category: First sketches of each file to take, before the split.
        max_seq_len: Points a sketch may keep; longer ones are simplified. With the value of the
            recipe whose sketches are judged, both see lines of the same detail.
        canvas_size: Side in pixels at which sketches are drawn; 81 at least.
        width: Factor of all hidden channels; the paper's network has 1.
        dropout: Share of the last two hidden layers that is dropped.
        rotation: Largest turn of a training sketch in degrees, either way.
        stretch: Largest logarithm of the change of its width over its height.
        shear: Largest slant, either way.
        mirror: Probability of a mirrored sketch.
        steps: Optimiser steps.
        batch_size: Sketches a step.
        learning_rate: Peak rate (AdamW, cosine to zero after warm-up).
        weight_decay: Decoupled, on kernels only.
        warmup: Steps of linear warm-up.
        ema_decay: Of the averaged weights that are used.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        seed: Of everything random.
    """

    name: str
    source: str
    categories: tuple[str, ...]
    num_per_category: int | None = None
    max_seq_len: int = 250
    canvas_size: int = CANVAS_SIZE
    width: float = 1.0
    dropout: float = 0.5
    rotation: float = 10.0
    stretch: float = 0.2
    shear: float = 0.1
    mirror: float = 0.5
    steps: int = 20_000
    batch_size: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warmup: int = 100
    ema_decay: float = 0.99
    validate_every: int = 1000
    save_every: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.categories) < 2:
            raise RecipeError("categories names fewer than two, so there is nothing to tell apart")
        if not 0 <= self.mirror <= 1:
            raise RecipeError(f"mirror is {self.mirror}, but a probability lies between 0 and 1")
