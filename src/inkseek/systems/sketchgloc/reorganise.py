"""What a trained model is for: repair, tidy, generate, blend. Pure functions over a model.

A model measures in units of its training files, whose canvas has `CANVAS_SIZE` units. A sketch
is brought to that canvas by its own ``canvas_size``, and what is drawn comes back on the
sketch's canvas, beginning at the sketch's first point.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float32

from inkseek.data.sequences import Points, normalise
from inkseek.errors import ModelError, SketchFormatError
from inkseek.losses.mixture import Spread
from inkseek.strokes.geometry import fit
from inkseek.strokes.simplify import simplify_to_budget
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.placement import place_strokes
from inkseek.systems.sketchgloc.trained import Codes, TrainedModel, encode_strokes

CANVAS_SIZE = 256.0
"""Side of the canvas of Quick, Draw! files, in their units."""

MARGIN = 1 / 16
"""Empty border of a generated sketch."""

TEMPERATURE = 0.24
"""At which the paper generates."""


def encode(model: TrainedModel, sketches: Sequence[Sketch]) -> Codes:
    """Mean codes; inference knows no noise."""
    return encode_strokes(model, [_to_strokes(model, sketch) for sketch in sketches])


def decode(
    model: TrainedModel,
    codes: Codes,
    *,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
    spread: Spread = "deviation",
) -> list[Sketch]:
    """Draw a sketch from each code, fitted to the canvas; one that ends at once has no strokes."""
    drawn = _draw(model, codes, temperature, generator, spread)
    return [fit(Sketch(tuple(strokes), CANVAS_SIZE), CANVAS_SIZE, MARGIN) for strokes in drawn]


def reorganise(model: TrainedModel, sketch: Sketch) -> Sketch:
    """Draw the sketch anew from its code, greedily: strokes in place, but not the user's own."""
    (strokes,) = _draw(model, encode(model, [sketch]), 0.0, None, "deviation")
    unit = model.scale * sketch.canvas_size / CANVAS_SIZE
    start = sketch.strokes[0][0]
    return Sketch(
        tuple((stroke * unit + start).astype(np.float32) for stroke in strokes),
        sketch.canvas_size,
    )


def tidy(model: TrainedModel, sketch: Sketch) -> Sketch:
    """Move the user's own strokes to where the model would draw them.

    Each stroke keeps its shape, its points, and its times and pressures; the first one stays where
    it is. See `placement.place_strokes`.
    """
    code = torch.from_numpy(encode(model, [sketch]))
    offsets = place_strokes(model.network.decoder, code[0], _to_strokes(model, sketch))
    unit = model.scale * sketch.canvas_size / CANVAS_SIZE
    moved = [s + o * np.float32(unit) for s, o in zip(sketch.strokes, offsets, strict=True)]
    return replace(sketch, strokes=tuple(stroke.astype(np.float32) for stroke in moved))


def generate(
    model: TrainedModel,
    like: Sketch | str,
    *,
    generator: torch.Generator,
    temperature: float = TEMPERATURE,
    spread: Spread = "deviation",
) -> Sketch:
    """A new sketch like another one, or of a category.

    Without a KL term codes have no prior, so a category's new code lies on the way between two
    codes of its training sketches, at a random place.

    Raises:
        ModelError: The model has no codes of that category.
    """
    if isinstance(like, Sketch):
        code = encode(model, [like])
    else:
        known = model.codes.get(like)
        if known is None or not len(known):
            raise ModelError(
                f"the model has no codes of {like!r}; known: {', '.join(model.codes) or 'none'}"
            )
        pair = torch.randint(len(known), (2,), generator=generator).numpy()
        share = float(torch.rand(1, generator=generator))
        code = _blend(known[pair[0]], known[pair[1]], np.array([share]))
    (sketch,) = decode(model, code, temperature=temperature, generator=generator, spread=spread)
    return sketch


def interpolate(
    model: TrainedModel, first: Sketch, last: Sketch, num_sketches: int
) -> list[Sketch]:
    """Sketches drawn greedily at equal steps between two codes, both ends included."""
    if num_sketches < 2:
        raise SketchFormatError(f"num_sketches is {num_sketches}, but both ends are sketches")
    ends = encode(model, [first, last])
    return decode(model, _blend(ends[0], ends[1], np.linspace(0, 1, num_sketches)))


def _blend(
    first: Float32[np.ndarray, " code"], last: Float32[np.ndarray, " code"], shares: np.ndarray
) -> Codes:
    weights = shares.astype(np.float32)[:, None]
    return first * (1 - weights) + last * weights


def _to_strokes(model: TrainedModel, sketch: Sketch) -> list[Points]:
    """Simplified as the training sketches were, but without losing a stroke."""
    budget = max(model.config.max_seq_len, 2 * len(sketch.strokes))
    simple = simplify_to_budget(sketch, budget)
    return normalise(simple, model.scale * sketch.canvas_size / CANVAS_SIZE)


def _draw(
    model: TrainedModel,
    codes: Codes,
    temperature: float,
    generator: torch.Generator | None,
    spread: Spread,
) -> list[list[Points]]:
    if not len(codes):
        return []
    rows = model.network.decoder.draw(
        torch.from_numpy(codes),
        max_points=model.config.max_seq_len,
        temperature=temperature,
        generator=generator,
        spread=spread,
    )
    return [to_strokes(sketch) for sketch in rows.numpy()]


def to_strokes(rows: Float32[np.ndarray, "length 5"]) -> list[Points]:
    """Places and pen states to strokes; an unlifted last point still ends its stroke."""
    ended = rows[:, 4] > 0
    rows = rows[: int(ended.argmax())] if ended.any() else rows
    pieces = np.split(rows[:, :2], np.flatnonzero(rows[:, 3] > 0) + 1)
    return [piece for piece in pieces if len(piece)]
