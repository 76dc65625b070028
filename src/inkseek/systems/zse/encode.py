"""Sketches and photos as a ZSE network sees them outside of training: drawn, fitted, encoded."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.strokes.sketch import Sketch
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import encode_all
from inkseek.systems.zse.tokenizer import Encoded


def encode_sketches(network: ZseNetwork, sketches: Sequence[Sketch]) -> Encoded:
    """Tokens of sketches, fitted to the canvas.

    Raises:
        ModelError: There are none.
    """
    return encode_drawn(network, draw_batch(sketches, network.config.image_size))


def encode_drawn(network: ZseNetwork, drawn: UInt8[np.ndarray, "batch side side"]) -> Encoded:
    """Tokens of sketches that are already drawn, black on white, at the network's size.

    Raises:
        ModelError: There are none.
    """
    return encode_all(
        network,
        len(drawn),
        lambda rows: np.repeat(drawn[rows.start : rows.stop, :, :, None], 3, axis=3),
    )


def encode_photos(
    network: ZseNetwork, photos: Sequence[UInt8[np.ndarray, "_height _width 3"]]
) -> Encoded:
    """Tokens of photos, fitted to a square.

    Raises:
        ModelError: There are none.
    """
    side = network.config.image_size
    return encode_all(
        network,
        len(photos),
        lambda rows: np.stack([fit_square(photos[i], side) for i in rows]),
    )
