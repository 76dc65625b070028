"""Near-duplicates: the same picture saved twice with other sizes, formats or light."""

from collections.abc import Sequence

import numpy as np

from inkseek.gallery.photos import Neighbour

MAX_BITS = 4
"""Perceptual keys of near-duplicates differ in this many of 64 bits at most."""

MIN_SIMILARITY = 0.97
"""Their embeddings must be alike as well: two white cups on white have nearly one key."""


def group_near_duplicates(
    neighbours: Sequence[Neighbour],
    *,
    max_bits: int = MAX_BITS,
    min_similarity: float = MIN_SIMILARITY,
) -> list[list[Neighbour]]:
    """Put each photo with the first one it repeats.

    Every member is alike to the first of its group, so a chain of small changes does not join
    different photos.

    Returns:
        Groups in the order of their first members, which is the order given.
    """
    if not neighbours:
        return []
    keys = np.array([neighbour.info.near_key for neighbour in neighbours], dtype=np.uint64)
    rows = np.stack([neighbour.embedding for neighbour in neighbours])
    groups: list[list[Neighbour]] = []
    is_free = np.ones(len(neighbours), dtype=bool)
    for first in range(len(neighbours)):
        if is_free[first]:
            is_alike = np.bitwise_count(keys ^ keys[first]) <= max_bits
            is_alike[is_alike] = rows[is_alike] @ rows[first] >= min_similarity
            is_alike[first] = True
            members = np.flatnonzero(is_alike & is_free)
            is_free[members] = False
            groups.append([neighbours[i] for i in members.tolist()])
    return groups
