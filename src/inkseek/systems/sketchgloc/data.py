"""Sequences to the tensors of a step: disturbed strokes to read, the clean sketch to draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor
from torch.utils.data import IterableDataset

from inkseek.data.pairs import Split
from inkseek.data.sequences import SequenceSet, Strokes
from inkseek.errors import DatasetError
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.disturb import augment, disturb
from inkseek.systems.sketchgloc.graphs import build_nodes, cut_strokes
from inkseek.training.stream import StepStream

QUANTILE = 0.999
"""Share of strokes, and of sketches, that fit the limits."""

ORDER, STEP, FIXED = range(3)
"""What a random stream is for, so that no two share a seed."""


@dataclass(frozen=True)
class Limits:
    """Sizes that the training sketches set.

    Attributes:
        max_points: Points a node may hold (L).
        max_nodes: Nodes of a sketch (M).
        max_rows: Rows of a target, the row that ends the longest sketch included.
    """

    max_points: int
    max_nodes: int
    max_rows: int


def find_limits(config: SketchGlocConfig, sequences: SequenceSet) -> Limits:
    """What the recipe leaves to the data: quantiles over the training sketches.

    Nodes are counted after cutting; the released code counts strokes, so that its setting of
    5-point pieces loses most of a long sketch.
    """
    rows = sequences.rows("train")
    if not len(rows):
        raise DatasetError("no sketch is in the training split; take more of each category")
    sketches = [sequences.sketches[int(i)].strokes for i in rows]
    lengths = [len(stroke) for strokes in sketches for stroke in strokes]
    max_points = config.max_stroke_len or _quantile(lengths)
    num_nodes = [len(cut_strokes(strokes, max_points)) for strokes in sketches]
    return Limits(
        max_points, config.max_strokes_num or _quantile(num_nodes), config.max_seq_len + 1
    )


def to_rows(strokes: Strokes, length: int) -> Float32[np.ndarray, "length 5"]:
    """Places and pen states (x, y, down, up, end); at least one row says that the sketch ended."""
    points = np.concatenate(strokes)
    if len(points) >= length:
        raise DatasetError(
            f"a sketch has {len(points)} points, but a target of {length} rows holds one less; "
            "raise max_seq_len"
        )
    rows = np.zeros((length, 5), dtype=np.float32)
    rows[: len(points), :2] = points
    rows[: len(points), 2] = 1
    lifted = np.cumsum([len(stroke) for stroke in strokes]) - 1
    rows[lifted, 2:4] = (0, 1)
    rows[len(points) :, 4] = 1
    return rows


def collate(
    inputs: Sequence[Strokes], targets: Sequence[Strokes], limits: Limits
) -> dict[str, Tensor]:
    """``points, lengths, localisation`` of the inputs (`graphs.NodeBatch`), ``target`` rows."""
    nodes = build_nodes(inputs, max_points=limits.max_points, max_nodes=limits.max_nodes)
    return {
        "points": torch.from_numpy(nodes.points),
        "lengths": torch.from_numpy(nodes.lengths),
        "localisation": torch.from_numpy(nodes.localisation),
        "target": torch.from_numpy(np.stack([to_rows(s, limits.max_rows) for s in targets])),
    }


class EpochStream(StepStream):
    """Batches of `collate`.

    Each epoch is a new order, cut into full batches: what is left over changes from epoch to
    epoch, so no sketch is left out for good.
    """

    def __init__(
        self,
        config: SketchGlocConfig,
        sequences: SequenceSet,
        limits: Limits,
        first_step: int = 0,
    ) -> None:
        super().__init__(config.seed, first_step, config.num_steps)
        self.config, self.sequences, self.limits = config, sequences, limits
        self.rows = sequences.rows("train")
        self.batch_size = min(config.batch_size, len(self.rows))
        self.steps_per_epoch = len(self.rows) // self.batch_size

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        config = self.config
        epoch, place = divmod(step, self.steps_per_epoch)
        order = self.generator(ORDER, epoch).permutation(self.rows)
        generator = self.generator(STEP, step)
        chosen = order[place * self.batch_size : (place + 1) * self.batch_size]
        clean = [
            augment(self.sequences.strokes(int(i)), config.augment, generator=generator)
            for i in chosen
        ]
        moved = [disturb(strokes, config.re_scale, generator=generator) for strokes in clean]
        return collate(moved, clean, self.limits)


class FixedStream(IterableDataset[dict[str, Tensor]]):
    """Batches that are there already; Lightning takes a bare list for several loaders."""

    def __init__(self, batches: Sequence[dict[str, Tensor]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        """The batches in order."""
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def fixed_batches(
    config: SketchGlocConfig, sequences: SequenceSet, limits: Limits, split: Split
) -> list[dict[str, Tensor]]:
    """All sketches of a split, not augmented, and disturbed alike at every call."""
    generator = np.random.default_rng([config.seed, FIXED])
    clean = [sequences.strokes(int(i)) for i in sequences.rows(split)]
    moved = [disturb(strokes, config.re_scale, generator=generator) for strokes in clean]
    size = config.batch_size
    return [
        collate(moved[i : i + size], clean[i : i + size], limits)
        for i in range(0, len(clean), size)
    ]


def _quantile(counts: Sequence[int]) -> int:
    return int(np.ceil(np.quantile(counts, QUANTILE)))
