"""Drawings of requests to sketches, and sketches to embeddings with a clock on each step."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from inkseek.encoder import Encoder
from inkseek.errors import SketchFormatError
from inkseek.raster.draw import draw_batch
from inkseek.selector import Choice
from inkseek.server.metrics import Metrics
from inkseek.server.schema import MAX_POINTS, DrawnSketch, SketchAnswer
from inkseek.strokes.sketch import Sketch

MAX_DRAWN_STROKES = 200
"""The model that draws looks at one stroke after another, which takes a second for so many."""

FARTHEST = 1_000.0
"""Canvases that a point may lie away from the corner: numbers beyond lose their digits."""


@dataclass(frozen=True)
class Embedded:
    """Unit rows, the seconds that each step took for all of them, and canvases if chosen."""

    rows: Float32[np.ndarray, "batch dim"]
    select: float = 0.0
    raster: float = 0.0
    encode: float = 0.0
    choice: Choice | None = None

    def split(self) -> list["Embedded"]:
        """Each row by itself, with what it took on average."""
        count = len(self.rows)
        times = (self.select / count, self.raster / count, self.encode / count)
        ones = [slice(i, i + 1) for i in range(count)]
        choice = self.choice
        return [
            Embedded(
                self.rows[one],
                *times,
                choice and Choice(choice.sizes[one], choice.gflops[one]),
            )
            for one in ones
        ]


def to_sketch(drawn: DrawnSketch) -> Sketch:
    """The sketch of a request; empty strokes are passed over.

    Raises:
        SketchFormatError: It has too many points.
    """
    num_points = sum(len(stroke) for stroke in drawn.strokes)
    if num_points > MAX_POINTS:
        raise SketchFormatError(
            f"the sketch has {num_points} points, more than {MAX_POINTS}; draw less densely"
        )
    strokes = tuple(
        np.array([point[:2] for point in stroke], dtype=np.float32)
        for stroke in drawn.strokes
        if stroke
    )
    return Sketch(strokes, float(drawn.canvas_size))


def to_unit_canvas(drawn: DrawnSketch) -> Sketch:
    """The sketch of a request for the model that draws, on a canvas of side 1.

    A canvas may be of any size, down to one that divides by zero further on.

    Raises:
        SketchFormatError: It is empty, has too many strokes or points, or lies too far away.
    """
    sketch = to_sketch(drawn)
    if not 0 < len(sketch.strokes) <= MAX_DRAWN_STROKES:
        raise SketchFormatError(
            f"the sketch has {len(sketch.strokes)} strokes, but 1 to {MAX_DRAWN_STROKES} can be "
            "tidied or suggested for; draw more, or less"
        )
    farthest = max(float(np.abs(stroke).max()) for stroke in sketch.strokes)
    if farthest > FARTHEST * sketch.canvas_size:
        raise SketchFormatError(
            f"a point lies at {farthest:g} on a canvas of {sketch.canvas_size:g}; "
            "scale the drawing to its canvas"
        )
    strokes = (stroke.astype(np.float64) / sketch.canvas_size for stroke in sketch.strokes)
    return Sketch(tuple(stroke.astype(np.float32) for stroke in strokes), 1.0)


def to_answer(sketch: Sketch, unit: float = 1.0) -> SketchAnswer:
    """A sketch of the model's, on a canvas ``unit`` times as large."""
    strokes = [(unit * stroke.astype(np.float64)).tolist() for stroke in sketch.strokes]
    return SketchAnswer(canvas_size=unit * sketch.canvas_size, strokes=strokes)


def embed_timed(encoder: Encoder, sketches: Sequence[Sketch], metrics: Metrics) -> Embedded:
    """The same rows as `Encoder.embed_sketches`.

    Raises:
        SketchFormatError: A sketch has no strokes.
    """
    rows = np.empty((len(sketches), encoder.dim), dtype=np.float32)
    start = time.perf_counter()
    choice = encoder.choose(sketches)
    sizes = choice.sizes
    select = time.perf_counter() - start
    raster = encode = 0.0
    card = encoder.card
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size).tolist()
        start = time.perf_counter()
        drawn = draw_batch(
            [sketches[i] for i in chosen],
            int(size),
            pen_width=card.pen_width,
            margin=card.margin,
        )
        drawn_at = time.perf_counter()
        rgb = np.broadcast_to(drawn[:, None], (len(drawn), 3, *drawn.shape[1:]))
        rows[chosen] = encoder.embed_images(rgb)
        raster += drawn_at - start
        encode += time.perf_counter() - drawn_at
    for step, seconds in (
        (metrics.select, select),
        (metrics.raster, raster),
        (metrics.encode, encode),
    ):
        step.observe(seconds / max(1, len(sketches)))
    return Embedded(rows, select, raster, encode, choice if card.selector else None)
