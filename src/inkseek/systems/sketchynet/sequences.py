"""What the selector reads: a sketch as at most 100 rows (x, y, down, up, end).

The last three are one-hot and belong to a point: the pen goes on, is lifted after it, or the
sketch ends with it. Thus the last point of a sketch has the end state, unlike in stroke-5, which
appends a row for it. Only numpy is needed here, so that a search can encode without torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from inkseek.errors import SketchFormatError
from inkseek.strokes.encodings import DOWN, END, X_Y, to_absolute5, to_stroke3
from inkseek.strokes.geometry import select_points
from inkseek.strokes.simplify import DEFAULT_BUDGET, simplify_to_budget
from inkseek.strokes.sketch import Sketch

Coordinates = Literal["absolute", "offset"]

COMPLETION_LEVELS = tuple(range(30, 101, 5))
"""Percent of its points that a training sketch keeps: 15 degrees of abstraction (section 4)."""

PEN = slice(DOWN, END + 1)


def to_sequence(
    sketch: Sketch,
    *,
    coordinates: Coordinates = "absolute",
    max_points: int = DEFAULT_BUDGET,
) -> Float32[np.ndarray, "_length 5"]:
    """Encode a sketch, simplified by Douglas-Peucker if it has more than `max_points` points.

    Args:
        sketch: What to encode. Without strokes it becomes one row that says end.
        coordinates: Shares of the canvas, in [0, 1] where the sketch lies within; or the offsets
            between points (the first from the origin) in the same unit, as in Table 3 of the paper.
        max_points: T_max.
    """
    sketch = simplify_to_budget(sketch, max_points)
    if not sketch.strokes:
        empty = np.zeros((1, 5), dtype=np.float32)
        empty[0, END] = 1
        return empty
    rows = to_absolute5(sketch)
    if coordinates == "offset":
        rows[:, X_Y] = to_stroke3(sketch)[:, X_Y] / np.float64(sketch.canvas_size)
    rows[-1, PEN] = 0, 0, 1
    return rows


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
