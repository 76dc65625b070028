"""Which patch of a sketch is most like which patch of a photo, as data.

Any network that describes both images place by place gives a matrix of cosines; this file reads
it. The shipped encoder's places are those that its embedding is a sum of (`Encoder.embed_places`);
ZSE's are the anchors that its relation network compares (`systems.zse.correspond`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from inkseek.encoder import Encoder
from inkseek.explain.match import embed_photo_places
from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the side of the square image."""


@dataclass(frozen=True)
class Correspondence:
    """One patch of the sketch and the patch of the photo that is most like it.

    Attributes:
        sketch: Where in the sketch.
        photo: Where in the photo.
        similarity: Cosine of the two.
        mutual: Whether no other patch of the sketch is more like that patch of the photo.
    """

    sketch: Box
    photo: Box
    similarity: float
    mutual: bool


def match_places(
    encoder: Encoder, sketch: Sketch, photo: UInt8[np.ndarray, "_height _width 3"]
) -> list[Correspondence]:
    """Correspondences by the shipped kind of encoder, of patches of the sketch with ink.

    The sketch is drawn on the largest canvas, which has the most places, whatever a search uses.
    What all places of an image share tells none of them apart, so each part is taken less the mean
    of its image. The network was trained to compare whole embeddings, not these parts, which are
    only as comparable as that makes them.

    Args:
        encoder: In float32, since only that network tells the parts.
        sketch: With a stroke at least.
        photo: RGB pixels of any size.

    Raises:
        SketchFormatError: The sketch has no strokes.
        ModelError: The encoder's network does not tell the parts.
    """
    sketch.require_strokes()
    card = encoder.card
    ink = draw(sketch, max(card.canvas_sizes), pen_width=card.pen_width, margin=card.margin)
    drawn = np.ascontiguousarray(np.broadcast_to(ink, (1, 3, *ink.shape)))
    own, other = encoder.embed_places(drawn)[0], embed_photo_places(encoder, photo)
    cosines = _unit_residues(own) @ _unit_residues(other).T
    found = find_correspondences(
        cosines, grid_boxes(own.shape[0], own.shape[1]), grid_boxes(other.shape[0], other.shape[1])
    )
    return keep_inked(found, ink)


def find_correspondences(
    cosines: Float32[np.ndarray, "sketch_patches photo_patches"],
    sketch_boxes: Sequence[Box],
    photo_boxes: Sequence[Box],
) -> list[Correspondence]:
    """For each patch of the sketch the most similar one of the photo, the best match first."""
    best, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    found = [
        Correspondence(
            sketch_boxes[i], photo_boxes[int(k)], float(cosines[i, k]), bool(back[k] == i)
        )
        for i, k in enumerate(best)
    ]
    return sorted(found, key=lambda c: -c.similarity)


def keep_inked(
    found: Sequence[Correspondence], ink: UInt8[np.ndarray, "side side"]
) -> list[Correspondence]:
    """Those whose patch of the sketch, drawn black on white, is not blank."""
    drawn = ink < 255
    kept = []
    for correspondence in found:
        left, top, right, bottom = (round(v * len(drawn)) for v in correspondence.sketch)
        if drawn[top:bottom, left:right].any():
            kept.append(correspondence)
    return kept


def grid_boxes(rows: int, columns: int) -> list[Box]:
    """The cells of an even grid, row by row."""
    return [
        (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
        for row in range(rows)
        for column in range(columns)
    ]


def _unit_residues(
    parts: Float32[np.ndarray, "rows columns dim"],
) -> Float32[np.ndarray, "patches dim"]:
    """Parts less their mean, of unit length, row by row."""
    flat = parts.reshape(-1, parts.shape[2])
    residues = flat - flat.mean(0)
    unit: Float32[np.ndarray, "patches dim"] = residues / np.maximum(
        np.linalg.norm(residues, axis=1, keepdims=True), 1e-12
    )
    return unit
