"""Which patch of a sketch met which patch of a photo, as data.

The matrix of cosines that the relation network judges (`network.Match.cosines`) says for each
anchor of the sketch which anchor of the photo is most like it, after both have looked at each
other. This holds only because anchors are places: see `relation.Anchors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8

from inkseek.errors import ModelError
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.network import ZseNetwork, match_in_order
from inkseek.systems.zse.tokenizer import Encoded

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the side of the square image."""


@dataclass(frozen=True)
class Correspondence:
    """One patch of the sketch and the patch of the photo that is most like it.

    Attributes:
        sketch: Where in the sketch.
        photo: Where in the photo.
        similarity: Cosine of the two anchors.
        mutual: Whether no other patch of the sketch is more like that patch of the photo.
    """

    sketch: Box
    photo: Box
    similarity: float
    mutual: bool


@dataclass(frozen=True)
class TokenMatch:
    """A sketch and a photo, taken apart.

    Attributes:
        score: The relation score, in (0, 1).
        correspondences: One for each patch of the sketch with ink, the most similar first.
    """

    score: float
    correspondences: tuple[Correspondence, ...]


def match_tokens(
    network: ZseNetwork, sketch: Encoded, photo: Encoded, *, ink: UInt8[np.ndarray, "side side"]
) -> TokenMatch:
    """Correspondences of one sketch and one photo.

    Args:
        network: In evaluation mode.
        sketch: Tokens of one sketch.
        photo: Tokens of one photo.
        ink: The sketch as drawn, black on white; patches without ink are left out.

    Raises:
        ModelError: There is more than one, the network scrambles places, or the drawing is of
            another size than the network's.
    """
    config = network.config
    if len(sketch) != 1 or len(photo) != 1:
        raise ModelError(f"got {len(sketch)} sketches and {len(photo)} photos; give one of each")
    if config.compat_scrambled_view and config.downsamples:
        raise ModelError("the anchors of this network are no places (compat_scrambled_view)")
    if len(ink) != config.image_size:
        raise ModelError(f"the drawing has side {len(ink)}, the network sees {config.image_size}")
    with torch.no_grad():
        match = match_in_order(network, sketch, photo)
    found = find_correspondences(
        match.cosines[0].float().numpy(),
        anchor_boxes(config, sketch.places[0].tolist()),
        anchor_boxes(config, photo.places[0].tolist()),
    )
    drawn = ink < 255
    kept = [c for c in found if _has_ink(drawn, c.sketch)]
    return TokenMatch(float(match.logit[0].sigmoid()), tuple(kept))


def find_correspondences(
    cosines: Float32[np.ndarray, "sketch_anchors photo_anchors"],
    sketch_boxes: Sequence[Box],
    photo_boxes: Sequence[Box],
) -> list[Correspondence]:
    """For each anchor of the sketch the most similar one of the photo, the best match first."""
    best, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    found = [
        Correspondence(
            sketch_boxes[i], photo_boxes[int(k)], float(cosines[i, k]), bool(back[k] == i)
        )
        for i, k in enumerate(best)
    ]
    return sorted(found, key=lambda c: -c.similarity)


def anchor_boxes(config: NetworkConfig, places: Sequence[int]) -> list[Box]:
    """Where each anchor lies: one for each 2 x 2 patches, or the patches that were kept."""
    grid = config.grid // 2 if config.downsamples else config.grid
    kept = range(grid**2) if config.downsamples else places
    corners = [(place % grid / grid, place // grid / grid) for place in kept]
    return [(x, y, x + 1 / grid, y + 1 / grid) for x, y in corners]


def _has_ink(drawn: Bool[np.ndarray, "side side"], box: Box) -> bool:
    left, top, right, bottom = (round(v * len(drawn)) for v in box)
    return bool(drawn[top:bottom, left:right].any())
