"""Sequences of many sketches side by side, cut to shares of their points.

The rows are those of `strokes.sequences`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from inkseek.errors import SketchFormatError
from inkseek.strokes.geometry import select_points
from inkseek.strokes.sequences import PEN
from inkseek.strokes.sketch import Sketch

COMPLETION_LEVELS = tuple(range(30, 101, 5))
"""Percent of its points that a training sketch keeps: 15 degrees of abstraction (section 4)."""


def count_kept(
    lengths: Int64[np.ndarray, " sketches"], percent: Int64[np.ndarray, " sketches"]
) -> Int64[np.ndarray, " sketches"]:
    """How many points stay, rounded up; in whole numbers, since 0.55 * 20 is more than 11."""
    return np.asarray(-(-lengths * percent // 100))


def complete_to(sketch: Sketch, percent: int) -> Sketch:
    """The first `percent` of the points: what `Sequences.take` reads, as a sketch to draw.

    Simplify first, if at all: a share of fewer points is another drawing.
    """
    if not 0 < percent <= 100:
        raise SketchFormatError(f"percent is {percent}, but a sketch keeps more than 0, up to 100")
    count = int(count_kept(np.array([sketch.num_points]), np.array([percent]))[0])
    return select_points(sketch, np.arange(sketch.num_points) < count)


@dataclass(frozen=True, eq=False)
class Sequences:
    """Encoded sketches side by side.

    Attributes:
        rows: Rows past the end of a sketch are zero; no selector looks at them.
        lengths: Points of each sketch, at least 1.
    """

    rows: Float32[np.ndarray, "sketches length 5"]
    lengths: Int64[np.ndarray, " sketches"]

    def __post_init__(self) -> None:
        bad = np.flatnonzero((self.lengths < 1) | (self.lengths > self.rows.shape[1]))
        if len(bad):
            raise SketchFormatError(
                f"sketch {bad[0]} has {self.lengths[bad[0]]} points in an array of "
                f"{self.rows.shape[1]}; every sketch needs between 1 and that many"
            )

    def take(
        self, index: Int64[np.ndarray, " batch"], percent: Int64[np.ndarray, " batch"]
    ) -> "Sequences":
        """Some sketches, each cut to a share of its points, in an array as long as the longest.

        The last point that stays gets the end state, whatever the pen did there.
        """
        lengths = count_kept(self.lengths[index], percent)
        longest = int(lengths.max(initial=1))
        rows = self.rows[index, :longest]
        rows[np.arange(longest) >= lengths[:, None]] = 0
        rows[np.arange(len(rows)), lengths - 1, PEN] = 0, 0, 1
        return Sequences(rows, lengths)


def join_sequences(sequences: Sequence[Float32[np.ndarray, "_length 5"]]) -> Sequences:
    """Pad to the longest."""
    lengths = np.array([len(rows) for rows in sequences], dtype=np.int64)
    padded = np.zeros((len(sequences), int(lengths.max(initial=1)), 5), dtype=np.float32)
    for i, rows in enumerate(sequences):
        padded[i, : len(rows)] = rows
    return Sequences(padded, lengths)
