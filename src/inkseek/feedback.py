r"""Relevance feedback: photos that were liked pull the query, photos that were not push it.

Rocchio's rule (1971), as in Manning, Raghavan and Schuetze, Introduction to Information Retrieval
(2008), equation 9.3, with the weights they suggest in section 9.1.1:

$$ q' \propto \alpha q + \frac{\beta}{|L|} \sum_{p \in L} p
              - \frac{\gamma}{|D|} \sum_{p \in D} p $$

Unlike there, vectors are unit embeddings rather than term counts, so negative numbers stay, and
the result has unit length again.
"""

import numpy as np
from jaxtyping import Float32

ALPHA = 1.0
"""Weight of the query as it was drawn."""

BETA = 0.75
"""Weight of the mean of the photos that were liked."""

GAMMA = 0.15
"""Weight of the mean of the photos that were not: what one does not mean says less."""


def apply_feedback(
    query: Float32[np.ndarray, " dim"],
    liked: Float32[np.ndarray, "liked dim"],
    disliked: Float32[np.ndarray, "disliked dim"],
) -> Float32[np.ndarray, " dim"]:
    """The query of unit length that the feedback moves it to; the same one when there is none.

    Args:
        query: Of unit length.
        liked: Unit rows.
        disliked: Unit rows.
    """
    moved = ALPHA * query.astype(np.float64)
    if len(liked):
        moved += BETA * liked.mean(axis=0, dtype=np.float64)
    if len(disliked):
        moved -= GAMMA * disliked.mean(axis=0, dtype=np.float64)
    # Never zero: the query weighs more than all that may pull against it.
    unit: Float32[np.ndarray, " dim"] = (moved / np.linalg.norm(moved)).astype(np.float32)
    return unit


def expand_query(
    query: Float32[np.ndarray, " dim"], trusted: Float32[np.ndarray, "trusted dim"]
) -> Float32[np.ndarray, " dim"]:
    """Pseudo relevance feedback: the query that the first photos found would move, if liked.

    Manning, Raghavan and Schuetze, section 9.1.6.
    """
    return apply_feedback(query, trusted, np.empty((0, len(query)), np.float32))
