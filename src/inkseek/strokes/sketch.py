"""The one in-memory form of a vector sketch.

Every reader produces a `Sketch` and every consumer takes one, so that file formats and network
encodings never meet. Coordinates are float32: x right, y down, origin at the top left corner
of a square canvas whose side is `canvas_size`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from inkseek.errors import SketchFormatError

Stroke = Float32[np.ndarray, "_points 2"]
Track = Float32[np.ndarray, " _points"]


@dataclass(frozen=True, eq=False)
class Sketch:
    """Strokes in drawing order on a square canvas.

    Attributes:
        strokes: One array of (x, y) per pen-down movement; each has at least one point.
        canvas_size: Side of the canvas, in the unit of the coordinates.
        times: Milliseconds since the first point, one array a stroke, where the source has them.
        pressures: Pen pressure in [0, 1], one array a stroke, where the source has them.
    """

    strokes: tuple[Stroke, ...]
    canvas_size: float
    times: tuple[Track, ...] | None = None
    pressures: tuple[Track, ...] | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.canvas_size) and self.canvas_size > 0):
            raise SketchFormatError(
                f"canvas_size is {self.canvas_size}, but must be a positive number"
            )
        # One call for all strokes: a sketch is made several times in each augmentation.
        all_finite = not self.strokes or bool(np.isfinite(np.concatenate(self.strokes)).all())
        for i, stroke in enumerate(self.strokes):
            if len(stroke) == 0:
                raise SketchFormatError(f"stroke {i} of {len(self.strokes)} has no points")
            if not all_finite and not np.isfinite(stroke).all():
                raise SketchFormatError(
                    f"stroke {i} of {len(self.strokes)} has a coordinate that is not a number; "
                    "every x and y must be finite"
                )
        for name, tracks in (("times", self.times), ("pressures", self.pressures)):
            if tracks is not None and [len(t) for t in tracks] != [len(s) for s in self.strokes]:
                raise SketchFormatError(
                    f"{name} must hold one value for each point of each stroke; leave it out "
                    "where the source has none"
                )

    @property
    def num_points(self) -> int:
        """Points over all strokes."""
        return sum(len(stroke) for stroke in self.strokes)

    def require_strokes(self) -> None:
        """Refuse an empty sketch, where nothing could be answered.

        Raises:
            SketchFormatError: There is no stroke.
        """
        if not self.strokes:
            raise SketchFormatError("the sketch is empty: draw a stroke")
