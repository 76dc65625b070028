r"""Which of two photos is nearer to a third, as a frozen network sees them.

The relative neighbourhood matrix $R$ of the paper holds a sign for every triplet of training
photos, which for ShoeV2 is 5.8e9 of them. What it says is already in the $N \times N$ distances
$D$, from which the signs of one batch are read off:

$$ R[a, i, j] = \mathrm{sign}(D[a, j] - D[a, i]) $$

so that $+1$ says that photo $i$ is nearer to $a$ than photo $j$ is. The paper does not give the
sign convention; this one makes the loss of Algorithm 1, line 10 point the right way.
"""

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int
from torch import Tensor

CHUNK = 1024


def photo_distances(
    features: Float32[np.ndarray, "photo features"],
) -> Float32[np.ndarray, "photo photo"]:
    """Mean squared difference over dimensions between all photos.

    Exactly symmetric and zero on the diagonal, so that ties are ties. Equal photos may differ by
    rounding; those of one index never do.
    """
    # Order does not depend on the origin, but rounding does: features far from it cancel.
    rows = features.astype(np.float64)
    rows = rows - rows.mean(axis=0) if len(rows) else rows
    squares = (rows * rows).sum(axis=1)
    distances = np.empty((len(rows), len(rows)), dtype=np.float32)
    for i in range(0, len(rows), CHUNK):
        products = rows[i : i + CHUNK] @ rows.T
        block = squares[i : i + CHUNK, None] + squares[None, :] - 2.0 * products
        distances[i : i + CHUNK] = np.maximum(block, 0.0) / max(rows.shape[1], 1)
    upper = np.triu(distances, 1)
    return upper + upper.T


def relative_neighbourhood(
    distances: Float[Tensor, "anchor photo"],
) -> Float[Tensor, "anchor photo photo"]:
    """R of a batch: +1 where photo i is nearer to the anchor than photo j, -1 where it is farther.

    0 for i = j and for ties, which say nothing.
    """
    return torch.sign(distances[:, None, :] - distances[:, :, None])


def comparable_pairs(
    neighbourhood: Float[Tensor, "anchor photo photo"], photo: Int[Tensor, " photo"]
) -> Bool[Tensor, "anchor photo photo"]:
    """Pairs that teach something, each once.

    R is antisymmetric, so (i, j) and (j, i) state the same; i < j is kept. Two rows of one photo,
    which two sketches of it bring into a batch, are no pair.

    Args:
        neighbourhood: `relative_neighbourhood` of the batch.
        photo: Which photo each row of the batch is.
    """
    other = (photo[:, None] != photo[None, :]).triu(1)
    return (neighbourhood != 0) & other


def sample_pairs(
    pairs: Bool[Tensor, "anchor photo photo"], count: int, *, generator: torch.Generator
) -> Bool[Tensor, "anchor photo photo"]:
    """Keep ``count`` random pairs of each anchor, or all where it has fewer or ``count`` is 0.

    Algorithm 1, line 8: without replacement, for each sketch anew. Differs from it in that i = j,
    which its grid of indices includes, was removed before.

    Args:
        pairs: Those to choose from.
        count: K.
        generator: On the CPU, so that a seed means the same everywhere.
    """
    flat = pairs.flatten(1)
    if count == 0 or count >= flat.shape[1]:
        return pairs
    scores = torch.rand(flat.shape, generator=generator).to(flat.device).masked_fill(~flat, -1.0)
    kept = torch.zeros_like(flat).scatter_(1, scores.topk(count, dim=1).indices, True)
    return (kept & flat).view_as(pairs)
