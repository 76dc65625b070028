"""Everything a SketchGloc run depends on, by the names of the released code where it has one."""

from dataclasses import dataclass, field

from inkseek.errors import RecipeError
from inkseek.systems.sketchgloc.disturb import AugmentPlan
from inkseek.systems.sketchgloc.peers.plan import PeerPlan

ENCODER_KINDS = ("gloc", "pix2seq", "healer", "lattice", "sp")
CELL_KINDS = ("lstm", "layer_norm", "hyper")
GRAPH_KINDS = ("nine", "merged")


@dataclass(frozen=True)
class SketchGlocConfig:
    """How a SketchGloc model is made and trained; defaults are the paper's (README settings).

    Left out of the released code's options are those without effect there: ``de_weight`` and the
    picture sizes, and ``is_training``. Its ``num_mixture`` has no effect either (20 is fixed); here
    it is the number of components.

    Attributes:
        name: Name of the run.
        source: Folder of the categories' files, below ``INKSEEK_DATA``.
        categories: Names of the files, without suffix.
        num_per_category: First sketches of each file to take, before the split.
        max_seq_len: Points a sketch may keep; longer ones are simplified.
        max_stroke_len: Points a node may hold (L), 5 for the pieces of the older branch; ``None``
            is the 99.9 % quantile of the training strokes, so that a node is a whole stroke.
        max_strokes_num: Nodes of a sketch (M); ``None`` is the 99.9 % quantile over the training
            sketches, counted after cutting.
        re_scale: Deviation of misplaced strokes, as a share of the sketch's longer side; 0 for
            controllable synthesis, 0.1 or 0.3 for reorganisation.
        augment: How training sketches vary (``random_scale_factor``, ``augment_stroke_prob``).
        encoder: SketchGloc's own, or a peer's: sketch-pix2seq, SketchHealer, SketchLattice,
            SP-gra2seq. All else is the same for all.
        peer: Sizes of a peer's rasters and graphs.
        enc_model: Cell of the stroke encoder.
        enc_rnn_size: Its width (E) in each direction; nodes of all encoders have 2E numbers.
        z_size: Width of the code (Z).
        graphs: Nine graphs, or all relations merged into one.
        normalise_adjacency: Divide rows of the adjacency by their sums; the paper does not.
        dec_model: Cell of the decoder.
        dec_rnn_size: Its width.
        hyper_num_units: Width of the smaller cell of ``hyper``.
        hyper_embedding_size: Width of its embeddings.
        num_mixture: Components of the output mixture.
        use_recurrent_dropout: In all cells.
        recurrent_dropout_prob: Share that is kept.
        use_input_dropout: On the decoder's input.
        input_dropout_prob: Share that is kept.
        use_output_dropout: On the decoder's output, before the mixture.
        output_dropout_prob: Share that is kept.
        num_steps: Optimiser steps at most.
        batch_size: Sketches a step.
        learning_rate: Rate of Adam at the start.
        decay_rate: Factor a step of its excess over the smallest.
        min_learning_rate: What it decays to.
        grad_clip: Largest gradient norm of each parameter for itself.
        save_every: Epochs between validations, each followed by a checkpoint.
        patience: Validations without improvement after which the run ends.
        seed: Of everything random.
    """

    name: str
    source: str
    categories: tuple[str, ...]
    num_per_category: int | None = None
    max_seq_len: int = 250
    max_stroke_len: int | None = None
    max_strokes_num: int | None = None
    re_scale: float = 0.0
    augment: AugmentPlan = field(default_factory=AugmentPlan)
    encoder: str = "gloc"
    peer: PeerPlan = field(default_factory=PeerPlan)
    enc_model: str = "lstm"
    enc_rnn_size: int = 512
    z_size: int = 128
    graphs: str = "nine"
    normalise_adjacency: bool = False
    dec_model: str = "hyper"
    dec_rnn_size: int = 512
    hyper_num_units: int = 256
    hyper_embedding_size: int = 32
    num_mixture: int = 20
    use_recurrent_dropout: bool = True
    recurrent_dropout_prob: float = 0.9
    use_input_dropout: bool = False
    input_dropout_prob: float = 0.9
    use_output_dropout: bool = False
    output_dropout_prob: float = 0.9
    num_steps: int = 1_000_001
    batch_size: int = 100
    learning_rate: float = 1e-3
    decay_rate: float = 0.99999
    min_learning_rate: float = 1e-5
    grad_clip: float = 1.0
    save_every: int = 1
    patience: int = 5
    seed: int = 9001

    def __post_init__(self) -> None:
        for key in ("enc_model", "dec_model"):
            if getattr(self, key) not in CELL_KINDS:
                raise RecipeError(
                    f"{key} is {getattr(self, key)!r}; known: {', '.join(CELL_KINDS)}"
                )
        for key, kinds in (("graphs", GRAPH_KINDS), ("encoder", ENCODER_KINDS)):
            if getattr(self, key) not in kinds:
                raise RecipeError(f"{key} is {getattr(self, key)!r}; known: {', '.join(kinds)}")
        if not self.categories:
            raise RecipeError("categories is empty; name at least one")
        if self.batch_size < 2:
            raise RecipeError("batch_size is below 2, but batch normalisation compares sketches")
        if not 0 <= self.re_scale:
            raise RecipeError(f"re_scale is {self.re_scale}, but must not be negative")

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: what the released code means, whose step never grows."""
        excess = self.learning_rate - self.min_learning_rate
        return excess * self.decay_rate**step + self.min_learning_rate
