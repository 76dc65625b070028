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

STRAYS = (0.02, 0.05, 0.1, 0.2)
"""Errors of the hand that `tidy` weighs, as shares of the longer side as it was drawn. Strokes that
stray by 30 % make that side longer, by half on average, so they count as 20 %."""

SMALLEST_STRAY = 1e-3
"""In normalised units; keeps the update defined where a sketch has no extent."""

ATTEMPTS = 10
"""Sketches tried before a model is said to draw nothing."""


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


def tidy(model: TrainedModel, sketch: Sketch, *, stray: float | None = None) -> Sketch:
    """Move the user's own strokes to where they belong.

    Each stroke keeps its shape, its points, and its times and pressures; the first one stays where
    it is. See `placement.place_strokes`.

    Args:
        model: Trained on misplaced strokes.
        sketch: To put right.
        stray: Deviation of the hand's error in x and in y, as a share of the sketch's longer side.
            By default all of `STRAYS` are weighed by how likely each makes the sketch, so that a
            sketch in good order is moved less.
    """
    code = torch.from_numpy(encode(model, [sketch]))[0]
    strokes = _to_strokes(model, sketch)
    extent = float(np.ptp(np.concatenate(strokes), axis=0).max())
    shares = STRAYS if stray is None else (stray,)
    # A sketch without extent is a dot, which cannot stray.
    strays = [max(share * extent, SMALLEST_STRAY) for share in shares]
    placements = place_strokes(model.network.decoder, code, strokes, strays)
    evidence = np.array([placement.log_evidence for placement in placements])
    weights = np.exp(evidence - evidence.max())
    offsets = np.average([p.offsets for p in placements], axis=0, weights=weights)
    unit = model.scale * sketch.canvas_size / CANVAS_SIZE
    moved = [
        s + (o * unit).astype(np.float32) for s, o in zip(sketch.strokes, offsets, strict=True)
    ]
    return replace(sketch, strokes=tuple(stroke.astype(np.float32) for stroke in moved))


def measure_moves(before: Sketch, after: Sketch) -> Float32[np.ndarray, "strokes 2"]:
    """How far `tidy` moved each stroke, in the units of the sketch's canvas."""
    pairs = zip(before.strokes, after.strokes, strict=True)
    return np.stack([moved[0] - stroke[0] for stroke, moved in pairs])


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
        ModelError: The model has no codes of that category, or draws nothing.
    """
    for _ in range(ATTEMPTS):
        code = (
            encode(model, [like])
            if isinstance(like, Sketch)
            else _sample_code(model, like, generator)
        )
        (sketch,) = decode(model, code, temperature=temperature, generator=generator, spread=spread)
        if sketch.strokes:
            return sketch
    raise ModelError(
        f"the model drew nothing in {ATTEMPTS} attempts at temperature {temperature}; "
        "train it longer"
    )


def generate_several(
    model: TrainedModel,
    like: Sketch | str,
    num_sketches: int,
    *,
    seed: int,
    temperature: float = TEMPERATURE,
) -> list[Sketch]:
    """`generate`, several times: fewer sketches of the same seed are the first of more."""
    generator = torch.Generator().manual_seed(seed)
    return [
        generate(model, like, generator=generator, temperature=temperature)
        for _ in range(num_sketches)
    ]


def _sample_code(model: TrainedModel, category: str, generator: torch.Generator) -> Codes:
    if not model.codes:
        raise ModelError(
            "the model has no codes of categories yet, as its run is not finished; make them with "
            "`inkseek export RUN --out FOLDER`, or give it a sketch instead"
        )
    known = model.codes.get(category)
    if known is None or not len(known):
        raise ModelError(f"the model has no category {category!r}; known: {', '.join(model.codes)}")
    pair = torch.randint(len(known), (2,), generator=generator).numpy()
    share = float(torch.rand(1, generator=generator))
    return _blend(known[pair[0]], known[pair[1]], np.array([share]))


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
