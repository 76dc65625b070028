"""Near-duplicates: the same picture saved twice with other sizes, formats or light."""

from collections.abc import Sequence

import numpy as np

from inkseek.gallery.photos import Neighbour

MAX_BITS = 4
"""Perceptual keys of near-duplicates differ in this many of 64 bits at most."""

MIN_SIMILARITY = 0.97
"""Their embeddings must be alike as well: two white cups on white have nearly one key."""

BLOCK = 256
"""Photos whose keys are compared with all later ones at once."""


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
    rows = np.stack([n.embedding for n in neighbours]) if neighbours else np.empty((0, 0))
    followers = _find_followers([n.info.near_key for n in neighbours], max_bits)
    groups: list[list[Neighbour]] = []
    taken: set[int] = set()
    for first, neighbour in enumerate(neighbours):
        if first not in taken:
            near = [i for i in followers.get(first, ()) if i not in taken]
            is_alike = rows[near] @ rows[first] >= min_similarity if near else ()
            members = [i for i, alike in zip(near, is_alike, strict=True) if alike]
            taken.update(members)
            groups.append([neighbour, *(neighbours[i] for i in members)])
    return groups


def _find_followers(keys: Sequence[int], max_bits: int) -> dict[int, list[int]]:
    """For each photo the later ones whose keys are near its own, where there are any.

    Most photos repeat no other, and all pairs at once cost less than a look at each photo.
    """
    values = np.array(keys, dtype=np.uint64)
    followers: dict[int, list[int]] = {}
    for begin in range(0, len(values), BLOCK):
        block = values[begin : begin + BLOCK]
        is_near = np.bitwise_count(block[:, None] ^ values[begin:]) <= max_bits
        for row, column in np.argwhere(np.triu(is_near, 1)).tolist():
            followers.setdefault(begin + row, []).append(begin + column)
    return followers
