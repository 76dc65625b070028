r"""Why a photo answers a sketch: how much each stroke adds, and which part of the photo it meets.

A network that pools its feature map and projects it linearly gives embeddings that are sums of
parts by place, $s = \sum_i s_i$ and $p = \sum_k p_k$. So is their similarity:
$\langle s, p \rangle = \sum_k \langle s, p_k \rangle$. What a stroke adds is what the similarity
loses without it (occlusion, Zeiler and Fergus 2014, section 4.2), and with $s'$ the embedding
without the stroke that loss too falls apart by places of the photo:
$\langle s - s', p \rangle = \sum_k \langle s - s', p_k \rangle$.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, UInt8

from inkseek.encoder import Encoder
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.strokes.geometry import fit
from inkseek.strokes.sketch import Sketch


@dataclass(frozen=True, eq=False)
class Explanation:
    """One match, taken apart.

    Attributes:
        similarity: Cosine of sketch and photo; of a network that judges pairs, the logit of its
            score above that of an empty page (`systems.zse.explain`).
        photo: Its part by place of the photo, which is fitted to a square; adds up to it.
        strokes: What each stroke adds to the similarity: what it loses without that stroke.
        meetings: That loss by place of the photo; each stroke's adds up to what it adds.
    """

    similarity: float
    photo: Float32[np.ndarray, "rows columns"]
    strokes: Float32[np.ndarray, " strokes"]
    meetings: Float32[np.ndarray, "strokes rows columns"]


def explain_match(
    encoder: Encoder, sketch: Sketch, photo: UInt8[np.ndarray, "_height _width 3"]
) -> Explanation:
    """Take the similarity of a sketch and a photo apart.

    Args:
        encoder: In float32, since only that network tells the parts.
        sketch: With a stroke at least. Without one of its strokes the others stay where they are.
        photo: RGB pixels of any size.

    Raises:
        SketchFormatError: The sketch has no strokes.
        ModelError: The encoder's network does not tell the parts.
    """
    sketch.require_strokes()
    parts = embed_photo_places(encoder, photo)
    rows = _embed_without_each(encoder, sketch)
    whole, losses = rows[0], rows[0] - rows[1:]
    meetings: Float32[np.ndarray, "strokes rows columns"] = np.einsum("td,rcd->trc", losses, parts)
    by_place: Float32[np.ndarray, "rows columns"] = parts @ whole
    return Explanation(
        similarity=float(by_place.sum()),
        photo=by_place,
        strokes=meetings.sum((1, 2)),
        meetings=meetings,
    )


def embed_photo_places(
    encoder: Encoder, photo: UInt8[np.ndarray, "_height _width 3"]
) -> Float32[np.ndarray, "rows columns dim"]:
    """What each place of a photo, fitted to a square, brings to its embedding.

    Raises:
        ModelError: The encoder's network does not tell the parts.
    """
    fitted = fit_square(photo, encoder.photo_size).transpose(2, 0, 1)
    (parts,) = encoder.embed_places(np.ascontiguousarray(fitted)[None])
    whole: Float32[np.ndarray, "rows columns dim"] = parts
    return whole


def draw_without_each(
    sketch: Sketch, canvas_size: int, *, pen_width: float, margin: float
) -> UInt8[np.ndarray, "rows canvas_size canvas_size"]:
    """The whole sketch, then without each stroke, the others staying where they are.

    Nothing is left of a single one: its second row is blank.
    """
    placed = fit(Sketch(sketch.strokes, sketch.canvas_size), 1.0, margin)
    versions = [placed] + [
        replace(placed, strokes=placed.strokes[:t] + placed.strokes[t + 1 :])
        for t in range(len(placed.strokes))
    ]
    return draw_batch(versions, canvas_size, pen_width=pen_width, placed=True)


def _embed_without_each(encoder: Encoder, sketch: Sketch) -> Float32[np.ndarray, "rows dim"]:
    card = encoder.card
    drawn = draw_without_each(
        sketch, encoder.canvas_size, pen_width=card.pen_width, margin=card.margin
    )
    return encoder.embed_images(np.repeat(drawn[:, None], 3, axis=1))
