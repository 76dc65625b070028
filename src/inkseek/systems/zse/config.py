"""Everything a ZSE run depends on."""

import math
from dataclasses import dataclass, field
from typing import Literal

from inkseek.data.views import ViewConfig
from inkseek.errors import RecipeError

PATCH = 16
"""Side in pixels of the patch that one token stands for."""

Trunk = Literal["vit", "convnet"]
Relation = Literal["mlp", "pooled"]
Schedule = Literal["constant", "cosine"]


@dataclass(frozen=True)
class NetworkConfig:
    """The network; defaults are the published one.

    Attributes:
        trunk: ``vit``: the published one. ``convnet``: the small sibling of `convnet.py`.
        backbone: A timm name.
        weights: File of start weights: a path, or a name in `INKSEEK_WEIGHTS`.
        pretrained: Take timm's own weights when there is no such file.
        start: Folder of a run whose encoder the ``convnet`` trunk starts from, instead.
        pad_type: Padding of the convnet's strided convolutions, as it was trained.
        image_size: Side in pixels of sketches and photos; a multiple of `PATCH`.
        dim: Width of a token.
        depth: Self-attention blocks.
        heads: Of self-attention.
        mlp_ratio: Hidden width of the blocks, in widths of a token.
        tokenizer_widths: Channels of the learnable tokenizer's first three convolutions.
        cross_heads: Of cross-attention.
        cross_hidden: Hidden width of its feed-forward part.
        anchors: Tokens a side that the relation network compares: all of them, those that pruning
            leaves, or a quarter of all (a strided convolution).
        anchor_dim: Width of those, if by convolution.
        keep_rates: Share of tokens that each self-attention block keeps; none keeps all.
        relation: ``mlp``: the published relation network. ``pooled``: ours, of `pooled.py`, beside
            the cosine of retrieval tokens; cross-attention then starts as the identity.
        dropout: Throughout.
        compat_scrambled_view: Reshape tokens to a map without the transpose, as the released code
            does; only its own weights want that, and the anchors are then no places.
    """

    trunk: Trunk = "vit"
    backbone: str = "vit_base_patch16_224.sam_in1k"
    weights: str | None = None
    pretrained: bool = False
    start: str | None = None
    pad_type: str = ""
    image_size: int = 224
    dim: int = 768
    depth: int = 12
    heads: int = 12
    mlp_ratio: float = 4.0
    tokenizer_widths: tuple[int, ...] = (64, 128, 256)
    cross_heads: int = 8
    cross_hidden: int = 1024
    anchors: int = 49
    anchor_dim: int = 512
    relation: Relation = "mlp"
    keep_rates: tuple[float, ...] = ()
    dropout: float = 0.1
    compat_scrambled_view: bool = False

    def __post_init__(self) -> None:
        if self.trunk not in ("vit", "convnet"):
            raise RecipeError(f"trunk {self.trunk!r} must be vit or convnet")
        if self.relation not in ("mlp", "pooled"):
            raise RecipeError(f"relation {self.relation!r} must be mlp or pooled")
        if self.relation == "pooled" and (self.keep_rates or self.compat_scrambled_view):
            raise RecipeError(
                "a pooled relation compares places; train it without keep_rates and without "
                "compat_scrambled_view"
            )
        if self.image_size % PATCH:
            raise RecipeError(f"image_size {self.image_size} must be a multiple of {PATCH}")
        if self.keep_rates and (self.trunk, len(self.keep_rates)) != ("vit", self.depth):
            raise RecipeError(
                f"keep_rates has {len(self.keep_rates)} numbers; it takes one for each of the "
                f"{self.depth} blocks of a vit"
            )
        if not all(0.0 < rate <= 1.0 for rate in self.keep_rates):
            raise RecipeError(f"keep_rates {self.keep_rates} must lie in (0, 1]")
        if self.anchors != self.kept_tokens and not self.downsamples:
            raise RecipeError(
                f"anchors is {self.anchors}, but there are {self.kept_tokens} tokens at the end; "
                "choose that many or, without pruning and with an even grid, a quarter"
            )

    @property
    def grid(self) -> int:
        """Tokens along a side of an image."""
        return self.image_size // PATCH

    @property
    def kept_tokens(self) -> int:
        """Tokens of an image that leave self-attention, the retrieval token not counted."""
        count = self.grid**2
        for rate in self.keep_rates:
            count = math.ceil(rate * count)
        return count

    @property
    def downsamples(self) -> bool:
        """Whether a convolution makes one anchor of each 2 x 2 tokens."""
        whole = self.kept_tokens == self.grid**2 and self.grid % 2 == 0
        return whole and self.anchors * 4 == self.kept_tokens


@dataclass(frozen=True)
class ZseConfig:
    """How a ZSE network is trained; defaults are the published recipe unless said otherwise.

    Attributes:
        name: Name of the run.
        network: What is trained.
        freeze_backbone: Hold the ``convnet`` trunk's backbone as it starts.
        first_stage: Folder of a finished run whose trunk this one holds still (ours): tokens are
            stored once, and what compares them learns from ``items`` sketches a batch, each with
            one photo of its category and ``negatives`` others. It learns from categories that the
            trunk never saw: those which that run held back and this one does not.
        stored: Views of sketches, and as many of photos, that such a run stores.
        photo_size: Side at which photos are packed; crops come from it.
        sets: Data sets.
        held_back: Seen categories that take no part in training: validation, and with it the
            choice of the checkpoint, is on them. The released code chooses on the unseen ones.
        items: Draws of `sampler.Item` a batch: two sketches and two photos each.
        own_photo: Probability that the positive photo is the one the sketch was drawn from, if
            there is one, rather than any of its category.
        negatives: 0: the published pairs. More: each sketch meets its positive photo and this
            many photos of other categories, the nearer half and some others.
        margin: Of the triplet loss, in distance.
        triplet_weight: Of the triplet loss on retrieval tokens after cross-attention.
        relation_weight: Of the squared error of relation scores.
        ranking_weight: Of `losses.relation.relation_ranking_loss` (ours; needs `negatives`).
        retrieval_weight: Of `losses.contrastive.category_loss` on retrieval tokens *before*
            cross-attention (ours), which ``sa`` retrieval and the shortlist rank by.
        neighbourhood_weight: Of `losses.contrastive.neighbourhood_loss` on these (ours).
        temperature: Of both.
        reference: timm name of the frozen network that says which photos are near.
        reference_size: Side in pixels at which it sees photos.
        reference_temperature: Of the softmax over its cosines.
        steps: Optimiser steps.
        stop_step: Where the run ends, if before.
        learning_rate: Of AdamW; the peak where there is a schedule.
        weight_decay: Decoupled.
        schedule: ``cosine`` warms up, falls to zero and spares vectors the decay.
        warmup: Steps of linear warm-up with a cosine.
        ema_decay: Of the averaged weights; 0 keeps the last.
        validate_every: Steps between validations.
        validation_queries: Sketches that ask in a validation, evenly chosen.
        validation_photos: Photos of its gallery.
        save_every: Steps between checkpoints.
        seed: Of everything random.
        views: How sketches and photos are augmented.
    """

    name: str
    network: NetworkConfig = field(default_factory=NetworkConfig)
    freeze_backbone: bool = False
    first_stage: str | None = None
    stored: int = 600
    photo_size: int = 256
    sets: tuple[str, ...] = ("sketchy-mini", "quickdraw")
    held_back: tuple[str, ...] = ()
    items: int = 15
    own_photo: float = 0.0
    negatives: int = 0
    margin: float = 1.0
    triplet_weight: float = 2.0
    relation_weight: float = 4.0
    ranking_weight: float = 0.0
    retrieval_weight: float = 0.0
    neighbourhood_weight: float = 0.0
    temperature: float = 0.07
    reference: str = "tf_efficientnet_lite2"
    reference_size: int = 224
    reference_temperature: float = 0.15
    steps: int = 19980
    stop_step: int | None = None
    learning_rate: float = 1e-5
    weight_decay: float = 1e-2
    schedule: Schedule = "constant"
    warmup: int = 1
    ema_decay: float = 0.0
    validate_every: int = 666
    validation_queries: int = 100
    validation_photos: int = 200
    save_every: int = 100
    seed: int = 2021
    views: ViewConfig = field(default_factory=ViewConfig)

    def __post_init__(self) -> None:
        if self.schedule not in ("constant", "cosine"):
            raise RecipeError(f"schedule {self.schedule!r} must be constant or cosine")
        if self.ranking_weight and not self.negatives:
            raise RecipeError("ranking_weight needs negatives: one candidate alone has no rank")
        if self.first_stage is not None:
            self._check_second_stage()
        if self.negatives < 0 or self.items < 1:
            raise RecipeError(
                f"items is {self.items} and negatives {self.negatives}; they must be at least 1 "
                "and 0"
            )

    def _check_second_stage(self) -> None:
        """What belongs to a trunk that learns must not seem to have an effect."""
        if not (self.negatives and self.stored):
            raise RecipeError("first_stage needs negatives and stored views, at least 1 of each")
        ignored = ("freeze_backbone", "own_photo", "retrieval_weight", "neighbourhood_weight")
        if given := [name for name in ignored if getattr(self, name)]:
            raise RecipeError(f"first_stage holds the trunk still: leave {', '.join(given)} out")
        if self.schedule != "cosine":
            raise RecipeError("first_stage needs schedule: cosine")

    @property
    def last_step(self) -> int:
        """Optimiser steps that are really done."""
        return self.steps if self.stop_step is None else min(self.stop_step, self.steps)
