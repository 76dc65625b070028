r"""Why ZSE matched a sketch with a photo: strokes, places and patches.

The relation network judges the matrix $C$ of cosines between anchors of the sketch and anchors
of the photo. With $z(C)$ the logit of its score:

- A stroke adds what the logit loses without it, $z(C) - z(C_t)$: the sketch is encoded and met with
  the photo again. This is measured, not estimated, as for the shipped encoder (`explain.match`).
- Where in the photo that comes from: integrated gradients from $C_t$ to $C$, added up over the
  sketch's anchors, are parts by place of the photo that sum to it (`attribution`). Where the
  cosine of retrieval tokens is part of the logit (`pooled.py`), what this cosine loses lies nowhere
  in the photo, and is spread evenly over its places.
- The whole drawing is compared with an empty page in the same way.

The paper shows correspondences of tokens alone (`correspond`); both attributions are ours.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

from inkseek.errors import ModelError
from inkseek.explain.correspond import Correspondence
from inkseek.explain.match import Explanation, draw_without_each
from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH
from inkseek.strokes.sketch import Sketch
from inkseek.systems.zse.attribution import integrate_gradients
from inkseek.systems.zse.correspond import match_tokens, require_places
from inkseek.systems.zse.encode import encode_drawn, encode_photos
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.tokenizer import Encoded


@dataclass(frozen=True, eq=False)
class PairExplanation:
    """What ZSE says of a sketch and a photo.

    Attributes:
        score: The relation score, in (0, 1).
        match: Strokes and places; its similarity is the logit of the score above that of an
            empty page with the same photo.
        patches: One correspondence for each patch of the sketch with ink, the best first.
    """

    score: float
    match: Explanation
    patches: tuple[Correspondence, ...]


def explain_pair(
    network: ZseNetwork, sketch: Sketch, photo: UInt8[np.ndarray, "_height _width 3"]
) -> PairExplanation:
    """Take a match apart.

    Args:
        network: In evaluation mode, without pruning.
        sketch: With a stroke at least. Without one of its strokes the others stay where they are.
        photo: RGB pixels of any size.

    Raises:
        SketchFormatError: The sketch has no strokes.
        ModelError: The network's anchors are no places, or pruning leaves gaps among them.
    """
    sketch.require_strokes()
    require_places(network.config)
    if network.config.keep_rates:
        raise ModelError("a network that prunes tokens has no grid of places; train one without")
    side = network.config.image_size
    drawn = draw_without_each(sketch, side, pen_width=DEFAULT_PEN_WIDTH, margin=DEFAULT_MARGIN)
    pages = np.concatenate([drawn, np.full_like(drawn[:1], 255)])
    sketches, photos = encode_drawn(network, pages), encode_photos(network, [photo])
    logits, cosines = _meet(network, sketches, photos)
    others = cosines[1:]
    # One version at a time: a matrix of 64 anchors takes a megabyte at every point of the path.
    parts = torch.cat(
        [integrate_gradients(network.relation, other[None], cosines[:1]) for other in others]
    ).sum(1)
    if network.retrieval is not None:
        left = logits[0] - logits[1:] - parts.sum(1)
        parts = parts + left[:, None] / parts.shape[1]
    by_place: Float32[np.ndarray, "versions places"] = parts.numpy()
    grid = int(by_place.shape[1] ** 0.5)
    meetings = by_place.reshape(-1, grid, grid)
    return PairExplanation(
        score=float(logits[0].sigmoid()),
        match=Explanation(
            similarity=float(logits[0] - logits[-1]),
            photo=meetings[-1],
            strokes=(logits[0] - logits[1:-1]).numpy(),
            meetings=meetings[:-1],
        ),
        patches=tuple(match_tokens(network, sketches[:1], photos, ink=pages[0])),
    )


def _meet(
    network: ZseNetwork, sketches: Encoded, photo: Encoded
) -> tuple[Float[Tensor, " rows"], Float[Tensor, "rows anchors anchors"]]:
    rows = torch.arange(len(sketches))
    with torch.no_grad():
        match = network.match(sketches.tokens, photo.tokens, rows, torch.zeros_like(rows))
    return match.logit, match.cosines
