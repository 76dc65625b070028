"""Everything that a run of photo topology depends on."""

from dataclasses import dataclass

from inkseek.errors import RecipeError

METHODS = ("triplet", "multi_task", "meta")
OPTIMISERS = ("sgd", "adam", "adamw")
NORMS = ("batch", "frozen")


@dataclass(frozen=True)
class TopologyConfig:
    """How a backbone learns sketches without forgetting which photos are alike.

    Defaults are the paper's (supplement, "Experiment Settings"), or ours where it is silent: then
    the description says so.

    Attributes:
        name: Name of the run.
        backbone: A timm name.
        weights: File in `INKSEEK_WEIGHTS` with start weights; ``None`` with `pretrained` takes
            timm's own, and without it starts at random.
        pretrained: Download timm's weights when no file is given.
        pad_type: Padding of strided convolutions, as the start weights were trained.
        pixel_mean: Mean of the three channels in [0, 1] under which the start weights were trained.
        pixel_std: The same for their deviation.
        norms: What batch norms divide by in training: ``batch``, its statistics, with the running
            ones updated once a step, or ``frozen``, the running ones of the start (ours).
        reference: Another frozen network that says which photos are near: a timm name with start
            weights of that name in `INKSEEK_WEIGHTS` (ours). ``None``, as in the paper, asks the
            backbone itself as it was before training.
        reference_size: Side in pixels at which such another network sees photos.
        canvas_size: Side in pixels of the crops that are embedded, sketches and photos alike.
        resize: Side to which both are scaled before a crop is taken.
        flip: Probability of mirroring a sketch and its photo together.
        photo_size: Side at which photos are packed.
        sets: Data sets, by the names of `data.sets.READERS`; a batch comes from one of them.
        method: ``triplet``, the retrieval loss alone; ``multi_task``, the weighted sum; or
            ``meta``, the two-step update of Algorithm 1.
        topology_weight: Of the topology loss: beta / alpha in the sum, and eta_t / eta_s in the
            two-step update.
        inner_rate: Step to the intermediate weights of Algorithm 1 (eta_s); ``None`` takes the
            learning rate, as the paper does.
        sketch_margin: Delta_sp of the retrieval loss, in mean squared difference.
        topology_margin: Delta_NT of the topology loss.
        pairs: K, the pairs of photos compared for each sketch; 0 takes all there are. The paper
            gives no number (ours: as many as the batch has sketches).
        unpaired: Undrawn photos that join the topology loss of each batch (ours).
        optimiser: ``sgd`` with momentum, ``adam`` or ``adamw``.
        learning_rate: Constant.
        momentum: Of SGD.
        weight_decay: Of any of the three.
        batch_size: Sketches of a batch.
        steps: Optimiser steps in all; the paper trains 600 epochs.
        stop_step: Where the run ends, if before.
        precision: Of the training loop, as Lightning names it.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        seed: Of everything random.
    """

    name: str
    backbone: str = "resnet50"
    weights: str | None = None
    pretrained: bool = False
    pad_type: str = ""
    pixel_mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    pixel_std: tuple[float, ...] = (0.5, 0.5, 0.5)
    norms: str = "batch"
    reference: str | None = None
    reference_size: int = 224
    canvas_size: int = 256
    resize: int = 299
    flip: float = 0.5
    photo_size: int = 299
    sets: tuple[str, ...] = ("shoes",)
    method: str = "meta"
    topology_weight: float = 1.0
    inner_rate: float | None = None
    sketch_margin: float = 0.1
    topology_margin: float = 0.01
    pairs: int = 16
    unpaired: int = 0
    optimiser: str = "sgd"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    batch_size: int = 16
    steps: int = 18600
    stop_step: int | None = None
    precision: str = "32-true"
    validate_every: int = 1000
    save_every: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        chosen = (
            ("method", self.method, METHODS),
            ("optimiser", self.optimiser, OPTIMISERS),
            ("norms", self.norms, NORMS),
        )
        for key, value, known in chosen:
            if value not in known:
                raise RecipeError(f"{key} is {value!r}; it must be one of {', '.join(known)}")
        if self.batch_size < 2:
            raise RecipeError(
                f"batch_size is {self.batch_size}; a negative photo needs at least 2 sketches"
            )
        if not 0 < self.canvas_size <= self.resize:
            raise RecipeError(
                f"canvas_size {self.canvas_size} must be at least 1 and fit in resize {self.resize}"
            )
        if min(self.pairs, self.unpaired, self.topology_weight) < 0:
            raise RecipeError("pairs, unpaired and topology_weight must not be negative")
        if len(self.pixel_mean) != 3 or len(self.pixel_std) != 3 or min(self.pixel_std) <= 0:
            raise RecipeError("pixel_mean and pixel_std need 3 numbers each, and none may be 0")

    @property
    def inner_step(self) -> float:
        """Eta_s of Algorithm 1, line 6."""
        return self.learning_rate if self.inner_rate is None else self.inner_rate

    @property
    def last_step(self) -> int:
        """Optimiser steps that are really done."""
        return self.steps if self.stop_step is None else min(self.stop_step, self.steps)
