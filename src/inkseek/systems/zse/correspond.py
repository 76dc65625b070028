"""Which patch of a sketch met which patch of a photo in a ZSE network.

The matrix of cosines that the relation network judges (`network.Match.cosines`) says for each
anchor of the sketch which anchor of the photo is most like it, after both have looked at each
other. This holds only because anchors are places: see `relation.Anchors`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import UInt8

from inkseek.errors import ModelError
from inkseek.explain.correspond import (
    Box,
    Correspondence,
    find_correspondences,
    grid_boxes,
    keep_inked,
)
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.network import ZseNetwork, match_in_order
from inkseek.systems.zse.tokenizer import Encoded


def match_tokens(
    network: ZseNetwork, sketch: Encoded, photo: Encoded, *, ink: UInt8[np.ndarray, "side side"]
) -> list[Correspondence]:
    """Correspondences of one sketch and one photo, the most similar first.

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
    require_places(config)
    if len(ink) != config.image_size:
        raise ModelError(f"the drawing has side {len(ink)}, the network sees {config.image_size}")
    with torch.no_grad():
        match = match_in_order(network, sketch, photo)
    found = find_correspondences(
        match.cosines[0].float().numpy(),
        anchor_boxes(config, sketch.places[0].tolist()),
        anchor_boxes(config, photo.places[0].tolist()),
    )
    return keep_inked(found, ink)


def require_places(config: NetworkConfig) -> None:
    """Refuse a network whose anchors are no places.

    Raises:
        ModelError: It reshapes tokens as the released code does.
    """
    if config.compat_scrambled_view and config.downsamples:
        raise ModelError("the anchors of this network are no places (compat_scrambled_view)")


def anchor_boxes(config: NetworkConfig, places: Sequence[int]) -> list[Box]:
    """Where each anchor lies: one for each 2 x 2 patches, or the patches that were kept."""
    if config.downsamples:
        return grid_boxes(config.grid // 2, config.grid // 2)
    boxes = grid_boxes(config.grid, config.grid)
    return [boxes[place] for place in places]
