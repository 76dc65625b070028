r"""Ranking photos for a sketch: by retrieval tokens, by the relation network, or in two stages.

Cost, for $Q$ sketches and $G$ photos whose tokens are kept (`encode_all`, once an image):

- `sa_distances`: $QG$ dot products of the tokens' width: what any embedding costs.
- `rn_distances`: $QG$ cross-attentions. The published evaluation pays that, and encodes the whole
  gallery anew for each batch of sketches besides.
- `two_stage_distances`: the former for all, the latter for the first N of each sketch: $QN$
  cross-attentions, however large the gallery is. What a gallery keeps grows by the patch tokens:
  $(n + 1) d$ numbers a photo rather than $d$ ($n$ patches of width $d$).
- `blend` orders that shortlist by both figures, at the same cost.

Distances are small when alike. The relation score enters by its logit: the order is the same, and
scores that round to 1 do not tie.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8

from inkseek.errors import ModelError
from inkseek.models.backbones import scale_pixels
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.tokenizer import Encoded

Distances = Float32[np.ndarray, "query gallery"]
Images = UInt8[np.ndarray, "batch _side _side 3"]

CHUNK = 64
"""Images encoded at once."""

PAIRS = 512
"""Pairs that cross-attention meets at once: some 60 MB of a small network's tokens."""


def encode_all(network: ZseNetwork, count: int, load: Callable[[range], Images]) -> Encoded:
    """Tokens of ``count`` images, in evaluation mode; ``load`` gives the pixels of some of them.

    Raises:
        ModelError: There are no images.
    """
    if not count:
        raise ModelError("there are no images to encode; a gallery needs a photo at least")
    parts = []
    with _evaluating(network) as device:
        for begin in range(0, count, CHUNK):
            images = torch.from_numpy(load(range(begin, min(begin + CHUNK, count))))
            pixels = scale_pixels(images.permute(0, 3, 1, 2)).to(device)
            encoded = network(pixels.contiguous(memory_format=torch.channels_last))
            parts.append(Encoded(encoded.tokens.cpu(), encoded.places.cpu()))
    return Encoded.concatenate(parts)


def sa_distances(sketches: Encoded, photos: Encoded) -> Distances:
    """Euclidean distance of unit retrieval tokens, before any cross-attention (``sa``)."""
    cosine = _unit(sketches) @ _unit(photos).T
    distances: Distances = np.sqrt(np.maximum(2.0 - 2.0 * cosine, 0.0))
    return distances


def rn_distances(network: ZseNetwork, sketches: Encoded, photos: Encoded) -> Distances:
    """Minus the logit of the relation score of every pair (``rn``)."""
    every = np.tile(np.arange(len(photos), dtype=np.int64), (len(sketches), 1))
    return -score_candidates(network, sketches, photos, every)


def two_stage_distances(
    network: ZseNetwork, sketches: Encoded, photos: Encoded, *, first: int
) -> Distances:
    """The ``first`` photos by retrieval tokens in the order of the relation network, then the rest.

    The rest keeps its order by retrieval tokens. Distances order the photos of one sketch; those
    of different sketches do not compare.
    """
    coarse = sa_distances(sketches, photos)
    shortlist = np.argsort(coarse, axis=1, kind="stable")[:, :first]
    distances = rerank(coarse, shortlist, score_candidates(network, sketches, photos, shortlist))
    return distances


def rerank(
    coarse: Distances,
    shortlist: Int64[np.ndarray, "query first"],
    logits: Float32[np.ndarray, "query first"],
) -> Distances:
    """Put the photos of a shortlist before all others, the largest logit first.

    A logit becomes a distance in (-2, -1), every other photo keeps its own, which is 0 or more.
    """
    low, high = logits.min(1, keepdims=True), logits.max(1, keepdims=True)
    placed = -1.0 - (logits - low) / np.maximum(high - low, 1e-12)
    distances = coarse.copy()
    np.put_along_axis(distances, shortlist, placed.astype(np.float32), axis=1)
    return distances


def blend(
    coarse: Distances,
    shortlist: Int64[np.ndarray, "query first"],
    logits: Float32[np.ndarray, "query first"],
    *,
    weight: float,
) -> Distances:
    """Order a shortlist by both: distance of retrieval tokens less ``weight`` times the logit.

    Ours; with no weight the order is that of the tokens, with a large one that of `rerank`.
    """
    own = np.take_along_axis(coarse, shortlist, axis=1)
    return rerank(coarse, shortlist, np.float32(weight) * logits - own)


def score_candidates(
    network: ZseNetwork,
    sketches: Encoded,
    photos: Encoded,
    columns: Int64[np.ndarray, "query candidates"],
) -> Float32[np.ndarray, "query candidates"]:
    """Logits of each sketch with its candidates, in chunks of one sketch and some photos."""
    logits = np.empty(columns.shape, dtype=np.float32)
    with _evaluating(network) as device:
        for q, wanted in enumerate(columns):
            sketch = sketches.tokens[q : q + 1].to(device)
            for begin in range(0, len(wanted), PAIRS):
                chunk = torch.from_numpy(wanted[begin : begin + PAIRS])
                order = torch.arange(len(chunk), device=device)
                photo = photos.tokens[chunk].to(device)
                match = network.match(sketch, photo, torch.zeros_like(order), order)
                logits[q, begin : begin + PAIRS] = match.logit.cpu().numpy()
    return logits


def _unit(encoded: Encoded) -> Float32[np.ndarray, "batch dim"]:
    rows: Float32[np.ndarray, "batch dim"] = encoded.tokens[:, 0].numpy()
    unit: Float32[np.ndarray, "batch dim"] = rows / np.maximum(
        np.linalg.norm(rows, axis=1, keepdims=True), 1e-12
    )
    return unit


@contextmanager
def _evaluating(network: ZseNetwork) -> Iterator[torch.device]:
    """Evaluation mode in full precision, also amid training; gives the network's device."""
    was_training, device = network.training, next(network.parameters()).device
    network.eval()
    try:
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            yield device
    finally:
        network.train(was_training)
