"""The canvas selector at search time: from the strokes alone, how large a canvas to draw on.

"Sketch Down the FLOPs" (arXiv 2505.23763), section 4: a small recurrent network reads the points
of a sketch; the likeliest canvas is taken. Runs on onnxruntime alone.
"""

from collections.abc import Sequence

import numpy as np
import onnxruntime
from jaxtyping import Float32, Float64, Int64

from inkseek.card import SelectorCard
from inkseek.strokes.geometry import fit
from inkseek.strokes.sequences import to_sequence
from inkseek.strokes.sketch import Sketch


class Selector:
    """The policy of a model folder.

    Attributes:
        card: Which canvases it chooses from, and what it costs.
    """

    def __init__(self, card: SelectorCard, session: onnxruntime.InferenceSession) -> None:
        self.card = card
        self._session = session

    def choose(self, sketches: Sequence[Sketch]) -> Int64[np.ndarray, " batch"]:
        """The side in pixels of the canvas for each sketch; none of them may be empty."""
        # One at a time: in a batch every sketch would have to have as many points.
        policies = [
            self._session.run(["policy"], {"rows": rows[None]})[0][0]
            for rows in (read_points(sketch, self.card) for sketch in sketches)
        ]
        best = np.array([policy.argmax() for policy in policies], dtype=np.int64)
        return np.asarray(self.card.canvas_sizes, dtype=np.int64)[best]

    def count_gflops(self, sketches: Sequence[Sketch]) -> Float64[np.ndarray, " batch"]:
        """2 x multiply-adds of the selector itself on each sketch, in 10^9."""
        points = [len(read_points(sketch, self.card)) for sketch in sketches]
        return self.card.gflops_per_point * np.array(points, dtype=np.float64)


def read_points(sketch: Sketch, card: SelectorCard) -> Float32[np.ndarray, "_length 5"]:
    """A sketch as the selector reads it: fitted to a unit canvas, as `raster.draw` fits it."""
    return to_sequence(fit(sketch, 1.0, card.margin), max_points=card.max_points)
