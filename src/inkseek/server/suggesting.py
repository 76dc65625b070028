"""Drawings that one may have meant: the service's side of what the page suggests.

As in `tidying`, the service is handed a function and knows nothing of what is behind it.
"""

import numpy as np

from inkseek.server.drawing_model import Suggest
from inkseek.server.problems import NotFoundError, model_may_fail
from inkseek.server.schema import DrawnSketch, SketchesAnswer
from inkseek.server.sketches import to_answer, to_unit_canvas
from inkseek.server.turns import Turns
from inkseek.strokes.sketch import Sketch

DOT = Sketch((np.full((1, 2), 0.5, dtype=np.float32),), canvas_size=1.0)


class Suggesting:
    """The newest drawing is the one that counts.

    Args:
        suggest: Does the work; nothing can be suggested when None.
        turns: Shared with whatever else the model is used for.
    """

    def __init__(self, suggest: Suggest | None = None, turns: Turns | None = None) -> None:
        self._suggest = suggest
        self._turns = turns or Turns()

    @property
    def is_possible(self) -> bool:
        """Whether the service was given a model for it."""
        return self._suggest is not None

    def warm(self) -> None:
        """Have the model loaded before one draws, whose first search should not wait for that.

        Raises:
            ModelError: It cannot be loaded.
        """
        if self._suggest is not None:
            with self._turns.take():
                self._suggest(DOT, 1, 0)

    def suggest(self, drawn: DrawnSketch, count: int, seed: int) -> SketchesAnswer:
        """Drawings in place of one, the likeliest first.

        Raises:
            NotFoundError: The service has no model for it.
            SketchFormatError: The drawing is empty, has too many strokes or lies too far away.
            ConflictError: A newer drawing came while this one waited.
            NotSupportedError: The model cannot be loaded.
        """
        if self._suggest is None:
            raise NotFoundError(
                "this service has no model that suggests drawings; start it with "
                "`inkseek serve --tidy MODEL`"
            )
        sketch = to_unit_canvas(drawn)
        with model_may_fail(), self._turns.take_newest():
            suggested = self._suggest(sketch, count, seed)
        return SketchesAnswer(sketches=[to_answer(each, drawn.canvas_size) for each in suggested])
