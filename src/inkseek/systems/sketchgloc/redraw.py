"""What Rec and Ret@k are measured on: sketches that a model draws anew from what it is shown.

Unlike `reorganise`, which serves a user's sketch, all of this stays in the unit of the training
sequences, and no stroke is fitted to a canvas.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int

from inkseek.data.sequences import Points, Strokes
from inkseek.metrics.generation import retrieval_ranks
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.disturb import disturb
from inkseek.systems.sketchgloc.reorganise import to_strokes
from inkseek.systems.sketchgloc.trained import Codes, TrainedModel, encode_strokes

CHUNK = 100


@dataclass(frozen=True, eq=False)
class Redrawn:
    """What a model made of disturbed sketches.

    Attributes:
        strokes: Of each drawing, the first point at the origin; a dot where it drew nothing.
        ranks: Of each clean original among all, by the code of the drawing.
        input_ranks: The same by the code of the disturbed sketch itself, without drawing.
    """

    strokes: list[list[Points]]
    ranks: Int[np.ndarray, " sketches"]
    input_ranks: Int[np.ndarray, " sketches"]


def disturb_all(clean: Sequence[Strokes], strength: float, *, seed: int) -> list[list[Points]]:
    """The same misplaced strokes for every model; at strength 0 the sketches themselves."""
    generator = np.random.default_rng(seed)
    return [disturb(strokes, strength, generator=generator) for strokes in clean]


def redraw(
    model: TrainedModel,
    moved: Sequence[Strokes],
    clean: Sequence[Strokes],
    *,
    temperature: float = 0.0,
    seed: int = 0,
) -> Redrawn:
    """Draw each disturbed sketch anew and look for its clean original.

    Codes of originals are those of clean strokes with clean relations; the released code mixes
    noisy strokes with clean relations there.

    Args:
        model: A finished run.
        moved: Disturbed sketches, as normalised strokes.
        clean: Their originals, in the same order.
        temperature: See `losses.mixture.sample_mixture`; 0 is greedy.
        seed: Of the drawing above temperature 0.
    """
    originals = encode_strokes(model, clean)
    codes = encode_strokes(model, moved)
    drawn = _draw(model, codes, temperature, seed)
    return Redrawn(
        drawn,
        retrieval_ranks(encode_strokes(model, drawn), originals),
        retrieval_ranks(codes, originals),
    )


def to_sketches(drawings: Sequence[Strokes]) -> list[Sketch]:
    """For a recogniser, which fits them to its canvas."""
    return [Sketch(tuple(strokes), 1.0) for strokes in drawings]


def _draw(model: TrainedModel, codes: Codes, temperature: float, seed: int) -> list[list[Points]]:
    generator = torch.Generator().manual_seed(seed)
    drawn: list[list[Points]] = []
    for begin in range(0, len(codes), CHUNK):
        rows = model.network.decoder.draw(
            torch.from_numpy(codes[begin : begin + CHUNK]),
            max_points=model.config.max_seq_len,
            temperature=temperature,
            generator=generator,
        )
        drawn += [_from_origin(to_strokes(sketch)) for sketch in rows.numpy()]
    return drawn


def _from_origin(strokes: list[Points]) -> list[Points]:
    """As `data.sequences.normalise` places sketches."""
    if not strokes:
        return [np.zeros((1, 2), dtype=np.float32)]
    start = strokes[0][0].copy()
    return [stroke - start for stroke in strokes]
