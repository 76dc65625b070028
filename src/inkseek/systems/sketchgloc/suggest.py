"""Drawings that one may have meant, while one draws: several from one code, at once.

A code alone draws the same thing again and again. So it is brought half of the way to each of
the nearest codes of training sketches, which are codes of whole and well-placed drawings, and a
sketch is drawn from each. Not all of them look like much: those whose own code lies nearest to
that of the drawing are shown. The paper knows no suggestions; all of this is ours.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32

from inkseek.strokes.geometry import bounds, fit, join_points, replace_points, resample
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.reorganise import CANVAS_SIZE, TEMPERATURE, decode, encode
from inkseek.systems.sketchgloc.trained import Codes, TrainedModel

NUM_TRIED = 32
"""Sketches drawn; the fewer of them are shown, the better those are."""

NEARNESS = 0.5
"""How far a code goes to that of a training sketch: 0 draws variations, 1 forgets the drawing."""

ALIKE = 0.02
"""Mean way from line to line, as a share of the longer side, below which two look the same."""

SPACING = CANVAS_SIZE / 64
"""Between the points at which lines are compared."""

LEAST_SIDE = 0.25
"""Of a suggestion, as a share of the canvas, for a drawing that is hardly begun."""


def suggest(model: TrainedModel, sketch: Sketch, num_sketches: int, *, seed: int) -> list[Sketch]:
    """Sketches in place of a drawing, the likeliest first; fewer are the first of more.

    The drawing may lie anywhere and be of any size. What is drawn has its centre and longer side,
    except where that would leave the canvas.

    Args:
        model: Best with codes of training sketches; without, variations of the drawing are drawn.
        sketch: Whole or only begun.
        num_sketches: At most; those that are empty, or like the drawing or another one, are left
            out.
        seed: The same one gives the same sketches of the same drawing.
    """
    # Training sketches fill their canvas; a code of a smaller one is another code.
    drawing = fit(sketch, CANVAS_SIZE)
    (code,) = encode(model, [drawing])
    generator = torch.Generator().manual_seed(seed)
    drawn = decode(model, _vary(model, code), temperature=TEMPERATURE, generator=generator)
    tried = [fit(each, CANVAS_SIZE) for each in drawn if _has_extent(each)]
    away = np.square(encode(model, tried) - code).mean(axis=1)
    chosen: list[Sketch] = []
    for i in np.argsort(away, kind="stable").tolist():
        if len(chosen) == num_sketches:
            break
        if not any(are_alike(tried[i], other) for other in (drawing, *chosen)):
            chosen.append(tried[i])
    return [_put_in_place(each, sketch) for each in chosen]


def are_alike(first: Sketch, second: Sketch) -> bool:
    """Whether the lines of two sketches that fill one canvas cover each other (chamfer distance).

    The order and the direction of strokes, which nobody sees, do not count.
    """
    one, other = (
        torch.from_numpy(join_points(resample(sketch, SPACING))) for sketch in (first, second)
    )
    ways = torch.cdist(one, other)
    away = (ways.amin(dim=0).mean() + ways.amin(dim=1).mean()) / 2
    return float(away) < ALIKE * CANVAS_SIZE


def _vary(model: TrainedModel, code: Float32[np.ndarray, " code"]) -> Codes:
    known: Sequence[Codes] = [rows for rows in model.codes.values() if len(rows)]
    if not known:
        return np.repeat(code[None], NUM_TRIED, axis=0)
    rows = np.concatenate(known)
    nearest = np.argsort(np.square(rows - code).mean(axis=1), kind="stable")[:NUM_TRIED]
    near = rows[np.resize(nearest, NUM_TRIED)]
    varied: Codes = code + np.float32(NEARNESS) * (near - code)
    return varied


def _has_extent(sketch: Sketch) -> bool:
    return bool(sketch.strokes) and bool(np.ptp(join_points(sketch), axis=0).max() > 0)


def _put_in_place(drawn: Sketch, sketch: Sketch) -> Sketch:
    """With the centre and the longer side of a sketch, but inside its canvas."""
    left, top, right, bottom = bounds(sketch)
    canvas = sketch.canvas_size
    side = min(max(right - left, bottom - top, LEAST_SIDE * canvas), canvas)
    centre = np.array([left + right, top + bottom]) / 2
    corner = np.clip(centre - side / 2, 0, canvas - side)
    points = join_points(drawn).astype(np.float64) * (side / drawn.canvas_size) + corner
    placed = replace_points(drawn, points)
    return Sketch(placed.strokes, canvas)
