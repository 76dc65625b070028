"""Misplaced strokes put right: the service's side of `inkseek tidy`.

The model that does it runs on a library that a search must not load, so the service is handed a
function and knows nothing of what is behind it.
"""

from collections.abc import Callable
from threading import BoundedSemaphore, Lock

import numpy as np

from inkseek.errors import ModelError, SketchFormatError
from inkseek.server.problems import ConflictError, NotFoundError, NotSupportedError
from inkseek.server.schema import DrawnSketch, TidyAnswer
from inkseek.server.sketches import to_sketch
from inkseek.strokes.sketch import Sketch

MAX_STROKES = 200
"""The decoder looks at one stroke after another, which takes a second for so many."""

MAX_WAITING = 4
"""Drawings at hand and in the queue; whoever waits keeps a thread from answering searches."""

FARTHEST = 1_000.0
"""Canvases that a point may lie away from the corner: numbers beyond lose their digits."""

TidyStrokes = Callable[[Sketch], Sketch]
"""Moves whole strokes; `inkseek.systems.sketchgloc.reorganise.tidy` of a trained model."""


class Tidying:
    """One drawing at a time.

    Args:
        tidy: Does the work; nothing can be tidied when None.
    """

    def __init__(self, tidy: TidyStrokes | None = None) -> None:
        self._tidy = tidy
        self._turn = Lock()
        self._places = BoundedSemaphore(MAX_WAITING)

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
        sketch = _to_unit_canvas(drawn)
        if not self._places.acquire(blocking=False):
            raise ConflictError("other drawings are being tidied; try again in a moment")
        try:
            with self._turn:
                tidied = self._tidy(sketch)
        except ModelError as error:
            raise NotSupportedError(str(error)) from error
        finally:
            self._places.release()
        return _to_answer(drawn, sketch, tidied)


def _to_unit_canvas(drawn: DrawnSketch) -> Sketch:
    """A canvas may be of any size, down to one that divides by zero further on."""
    sketch = to_sketch(drawn)
    if not 0 < len(sketch.strokes) <= MAX_STROKES:
        raise SketchFormatError(
            f"the sketch has {len(sketch.strokes)} strokes, but 1 to {MAX_STROKES} can be tidied; "
            "draw more, or less"
        )
    farthest = max(float(np.abs(stroke).max()) for stroke in sketch.strokes)
    if farthest > FARTHEST * sketch.canvas_size:
        raise SketchFormatError(
            f"a point lies at {farthest:g} on a canvas of {sketch.canvas_size:g}; "
            "scale the drawing to its canvas"
        )
    strokes = (stroke.astype(np.float64) / sketch.canvas_size for stroke in sketch.strokes)
    return Sketch(tuple(stroke.astype(np.float32) for stroke in strokes), 1.0)


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
