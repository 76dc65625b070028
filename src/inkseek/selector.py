"""The canvas selector at search time: from the strokes alone, how large a canvas to draw on.

"Sketch Down the FLOPs" (arXiv 2505.23763), section 4: a small recurrent network reads the points
of a sketch; the likeliest canvas is taken. Runs on onnxruntime alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from jaxtyping import Float32, Float64, Int64

from inkseek.card import SelectorCard
from inkseek.strokes.geometry import fit
from inkseek.strokes.sequences import to_sequence
from inkseek.strokes.sketch import Sketch


@dataclass(frozen=True, eq=False)
class Choice:
    """The canvas of each sketch.

    Attributes:
        sizes: Sides in pixels.
        gflops: What that takes, as 2 x multiply-adds in 10^9.
    """

    sizes: Int64[np.ndarray, " batch"]
    gflops: Float64[np.ndarray, " batch"]


class Selector:
    """The policy of a model folder.

    Attributes:
        card: Which canvases it chooses from, and what it costs.
    """

    def __init__(self, card: SelectorCard, session: onnxruntime.InferenceSession) -> None:
        self.card = card
        self._session = session

    def choose(self, sketches: Sequence[Sketch]) -> Choice:
        """A canvas for each sketch, and what reading it cost; none of them may be empty."""
        read = [read_points(sketch, self.card) for sketch in sketches]
        # One at a time: in a batch every sketch would have to have as many points.
        policies = [self._session.run(["policy"], {"rows": rows[None]})[0][0] for rows in read]
        best = np.array([policy.argmax() for policy in policies], dtype=np.int64)
        points = np.array([len(rows) for rows in read], dtype=np.float64)
        sizes = np.asarray(self.card.canvas_sizes, dtype=np.int64)[best]
        return Choice(sizes, self.card.gflops_per_point * points)


def read_points(sketch: Sketch, card: SelectorCard) -> Float32[np.ndarray, "_length 5"]:
    """A sketch as the selector reads it: fitted to a unit canvas, as `raster.draw` fits it."""
    return to_sequence(fit(sketch, 1.0, card.margin), max_points=card.max_points)
