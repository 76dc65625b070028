"""A sketch as a short sequence of points, for networks that read strokes.

At most 100 rows (x, y, down, up, end). The last three are one-hot and belong to a point: the pen
goes on, is lifted after it, or the sketch ends with it. Thus the last point of a sketch has the
end state, unlike in stroke-5, which appends a row for it.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float32

from inkseek.strokes.encodings import DOWN, END, X_Y, to_absolute5, to_stroke3
from inkseek.strokes.simplify import DEFAULT_BUDGET, simplify_to_budget
from inkseek.strokes.sketch import Sketch

Coordinates = Literal["absolute", "offset"]

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
