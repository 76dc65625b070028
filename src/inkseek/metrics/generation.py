"""Is a generated or repaired sketch still the one that was meant?

- Ret@k: its code finds the code of its own original among those of all originals.
- Rec: a classifier of real sketches names its category.
- Stroke displacement: how far its strokes lie from where they belong.

Codes and classifier outputs come from outside, so nothing here depends on a network. For repaired
sketches the codes of the originals must be those of the clean sketches (strokes and relations);
the released SketchGloc code feeds noisy strokes with clean relations there.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

from inkseek.errors import DatasetError

Codes = Float[np.ndarray, "_sketches _dim"]

CHUNK = 256


def retrieval_ranks(generated: Codes, originals: Codes) -> Int[np.ndarray, " sketches"]:
    """Rank, from 1, of each row's own original by mean squared difference; ties lose.

    Args:
        generated: Codes of the generated sketches.
        originals: Codes of the clean originals, in the same order.

    Raises:
        DatasetError: Shapes differ, there is nothing, or a code is not a number.
    """
    if generated.shape != originals.shape or not generated.size:
        raise DatasetError(
            f"codes have shapes {generated.shape} and {originals.shape}; "
            "give one generated row for each original"
        )
    if not (np.isfinite(generated).all() and np.isfinite(originals).all()):
        raise DatasetError("a code is not a finite number; check the model that made it")
    gallery = originals.astype(np.float64)
    ranks = np.empty(len(generated), dtype=np.int64)
    for begin in range(0, len(generated), CHUNK):
        query = generated[begin : begin + CHUNK].astype(np.float64)
        distances = np.stack([((gallery - row) ** 2).mean(axis=1) for row in query])
        rows = np.arange(begin, begin + len(query))
        own = distances[np.arange(len(query)), rows]
        # Its own distance is among those counted, so the best rank is 1.
        ranks[rows] = (distances <= own[:, None]).sum(axis=1)
    return ranks


def ret_at_k(generated: Codes, originals: Codes, *, k: int) -> float:
    """Share of generated sketches whose code has its own original among the first ``k``."""
    if k < 1:
        raise DatasetError(f"k is {k}, but a ranking is cut after at least 1 sketch")
    return float(np.mean(retrieval_ranks(generated, originals) <= k))


def are_recognised(
    scores: Float[np.ndarray, "sketches categories"], category: Int[np.ndarray, " sketches"]
) -> Bool[np.ndarray, " sketches"]:
    """Which sketches' own category scores above every other; ties lose.

    Args:
        scores: Of a classifier trained on real sketches; larger is likelier.
        category: Column of the right one.

    Raises:
        DatasetError: The lengths differ, there is nothing, or a score is not a number.
    """
    if len(scores) != len(category) or not len(scores):
        raise DatasetError(f"{len(scores)} rows of scores have {len(category)} categories")
    if np.isnan(scores).any():
        raise DatasetError("a score is not a number; check the classifier")
    own = np.take_along_axis(scores, category[:, None], axis=1)
    return np.asarray((scores >= own).sum(axis=1) == 1)


def recognition_rate(
    scores: Float[np.ndarray, "sketches categories"], category: Int[np.ndarray, " sketches"]
) -> float:
    """Rec: share of sketches that `are_recognised`."""
    return float(np.mean(are_recognised(scores, category)))


def stroke_displacement(
    strokes: Sequence[Float[np.ndarray, "_points 2"]],
    originals: Sequence[Float[np.ndarray, "_points 2"]],
) -> float:
    """Mean distance of strokes from where they belong, as a share of the original's longer side.

    Strokes are compared one to one by the means of their points, so they must be the same strokes
    moved: this judges a tidied sketch (and the disturbed one before it), not a redrawn one.
    """
    if len(strokes) != len(originals) or not originals:
        raise DatasetError(
            f"{len(strokes)} strokes are compared with {len(originals)}; give the same strokes"
        )
    extent = float(np.ptp(np.concatenate(originals), axis=0).max())
    if extent == 0:
        raise DatasetError("the original is a single dot, so a displacement has no unit")
    moves = [a.mean(axis=0) - b.mean(axis=0) for a, b in zip(strokes, originals, strict=True)]
    return float(np.linalg.norm(np.stack(moves), axis=1).mean()) / extent
