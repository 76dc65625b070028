"""Misplaced strokes put right: the service's side of `inkseek tidy`.

The model that does it runs on a library that a search must not load, so the service is handed a
function and knows nothing of what is behind it.
"""

import numpy as np

from inkseek.server.drawing_model import Tidy
from inkseek.server.problems import NotFoundError, model_may_fail
from inkseek.server.schema import DrawnSketch, TidyAnswer
from inkseek.server.sketches import to_unit_canvas
from inkseek.server.turns import Turns
from inkseek.strokes.sketch import Sketch


class Tidying:
    """One drawing at a time.

    Args:
        tidy: Does the work; nothing can be tidied when None.
        turns: Shared with whatever else the model is used for.
    """

    def __init__(self, tidy: Tidy | None = None, turns: Turns | None = None) -> None:
        self._tidy = tidy
        self._turns = turns or Turns()

    @property
    def is_possible(self) -> bool:
        """Whether the service was given a model for it."""
        return self._tidy is not None

    def tidy(self, drawn: DrawnSketch) -> TidyAnswer:
        """Move the strokes of a drawing; their order, shapes, times and pressures stay.

        Raises:
            NotFoundError: The service has no model for it.
            SketchFormatError: The drawing is empty, has too many strokes or lies too far away.
            ConflictError: Too many wait already.
            NotSupportedError: The model cannot be loaded.
        """
        if self._tidy is None:
            raise NotFoundError(
                "this service has no model that tidies; start it with `inkseek serve --tidy MODEL`"
            )
        sketch = to_unit_canvas(drawn)
        with model_may_fail(), self._turns.take():
            tidied = self._tidy(sketch)
        return _to_answer(drawn, sketch, tidied)


def _to_answer(drawn: DrawnSketch, before: Sketch, after: Sketch) -> TidyAnswer:
    pairs = zip(before.strokes, after.strokes, strict=True)
    unit = drawn.canvas_size
    found = iter([unit * (new[0].astype(np.float64) - old[0]) for old, new in pairs])
    # A stroke without points was not shown to the model.
    rows = [next(found) if stroke else np.zeros(2) for stroke in drawn.strokes]
    moves = [(float(x), float(y)) for x, y in rows]
    strokes = [
        [[x + dx, y + dy, *rest] for x, y, *rest in stroke]
        for stroke, (dx, dy) in zip(drawn.strokes, moves, strict=True)
    ]
    return TidyAnswer(canvas_size=drawn.canvas_size, strokes=strokes, moves=moves)
