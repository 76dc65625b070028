r"""How much of one space's neighbourhoods another space keeps.

The photos of a space stand in an order around each of them. A triplet of an anchor and two photos
is kept when the other space puts the same of the two nearer. Unlike a rank correlation the share
has a plain meaning: 1 keeps every order, 0.5 is chance. "Photo Pre-Training, But for Sketch"
trains for this (L_NT) without reporting it; the metric is ours.
"""

import numpy as np
from jaxtyping import Float, Float64, Int

from inkseek.errors import DatasetError

Distances = Float[np.ndarray, "anchor photo"]


def triplet_agreements(
    reference: Distances, distances: Distances, anchors: Int[np.ndarray, " anchor"]
) -> Float64[np.ndarray, " anchor"]:
    r"""For each anchor, the share of pairs of photos that both spaces order alike.

    $$ \frac{|\{(i, j) : \mathrm{sign}(r_{ai} - r_{aj}) = \mathrm{sign}(d_{ai} - d_{aj}) \ne 0\}|}
        {|\{(i, j) : r_{ai} \ne r_{aj}\}|} $$

    Pairs that the reference ties are left out; one that only the other space ties counts as lost,
    so that a collapsed space scores 0. Takes time in the square of the photos for each anchor.

    Args:
        reference: Distances in the space to be kept.
        distances: The same in the other space. Its anchors may be something else of the same
            photos, such as sketches of them.
        anchors: Which photo each anchor is; its distance to itself tells nothing and is left out.

    Raises:
        DatasetError: A distance is not a number, or an anchor has no pair.
    """
    if np.isnan(reference).any() or np.isnan(distances).any():
        raise DatasetError("a distance is not a number; check the embeddings")
    shares = np.empty(len(anchors), dtype=np.float64)
    for row, anchor in enumerate(anchors):
        expected = _orders(np.delete(reference[row], anchor))
        found = _orders(np.delete(distances[row], anchor))
        known = expected != 0
        if not known.any():
            raise DatasetError(
                f"anchor {anchor} has no two photos at different distances in the reference; "
                "topology needs at least 3 different photos"
            )
        shares[row] = np.mean(expected[known] == found[known])
    return shares


def triplet_agreement(
    reference: Distances, distances: Distances, anchors: Int[np.ndarray, " anchor"]
) -> float:
    """Mean over anchors of `triplet_agreements`."""
    return float(np.mean(triplet_agreements(reference, distances, anchors)))


def _orders(distances: Float[np.ndarray, " photo"]) -> Int[np.ndarray, "photo photo"]:
    """Which of two is nearer, as a sign."""
    return np.asarray(
        (distances[:, None] > distances[None, :]).astype(np.int8)
        - (distances[:, None] < distances[None, :]).astype(np.int8)
    )
