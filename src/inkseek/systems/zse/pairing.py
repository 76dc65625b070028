"""Which sketch of a batch meets which photo.

A batch holds N items (`sampler.Item`): sketches ``0..N-1`` and their second sketches ``N..2N-1``,
photos ``0..N-1`` and negative photos ``N..2N-1``. Sketches ``i`` and ``N + i`` are of the category
of photo ``i``.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of a batch, and which of them make triplets.

    Attributes:
        rows: Sketch of each pair.
        columns: Photo of each pair.
        relevant: Whether the two are of one category.
        positive: For each triplet, its pair of sketch and positive photo.
        negative: And the pair that brings its negative photo.
        candidates: Photos that each sketch meets, if pairs are laid out sketch by sketch; else 0.
    """

    rows: Int64[Tensor, " pairs"]
    columns: Int64[Tensor, " pairs"]
    relevant: Bool[Tensor, " pairs"]
    positive: Int64[Tensor, " triplets"]
    negative: Int64[Tensor, " triplets"]
    candidates: int


def pair_as_published(same: Bool[Tensor, "sketches photos"]) -> Pairs:
    """Sketch with its photo, second sketch with the negative photo: half of the pairs each.

    The negative photo of a triplet has thus met the second sketch, not the anchor.
    """
    rows = torch.arange(len(same), device=same.device)
    positive, negative = rows.chunk(2)
    return Pairs(rows, rows, same.diagonal(), positive, negative, 0)


def pair_in_rows(sketches: int, candidates: int, device: torch.device) -> Pairs:
    """Each sketch with ``candidates`` photos of its own, laid out one after another.

    The first of them is of the sketch's category, the others are not.
    """
    columns = torch.arange(sketches * candidates, device=device)
    is_first = columns % candidates == 0
    return Pairs(
        columns // candidates,
        columns,
        is_first,
        (columns - columns % candidates)[~is_first],
        columns[~is_first],
        candidates,
    )


def pair_with_candidates(
    similarity: Float[Tensor, "sketches photos"],
    same: Bool[Tensor, "sketches photos"],
    negatives: int,
    *,
    generator: torch.Generator,
) -> Pairs:
    """Each sketch with its positive photo and ``negatives`` photos of other categories.

    Half of these, rounded up, are the most similar ones of the batch, the others drawn. A batch of
    fewer other photos fills up with photos of the same category, marked as relevant.

    Args:
        similarity: By the retrieval tokens, which rank the shortlist at search time.
        same: Whether sketch and photo are of one category.
        negatives: At least 1.
        generator: On the processor.
    """
    num_sketches, device = len(same), same.device
    order = torch.arange(num_sketches, device=device)
    positive = order % (num_sketches // 2)
    own = torch.nn.functional.one_hot(positive, same.shape[1]).bool()
    hard = min((negatives + 1) // 2, same.shape[1] - 1)
    rest = min(negatives, same.shape[1] - 1) - hard
    nearness = similarity.detach().float().masked_fill(same, -1e3).masked_fill(own, -1e4)
    nearest = nearness.topk(hard, dim=1).indices
    drawn = torch.rand(same.shape, generator=generator).to(device)
    drawn = drawn.masked_fill(same, -1.0).masked_fill(own, -3.0).scatter(1, nearest, -2.0)
    columns = torch.cat([positive[:, None], nearest, drawn.topk(rest, dim=1).indices], dim=1)
    rows = order[:, None].expand_as(columns)
    index = torch.arange(columns.numel(), device=device).reshape(columns.shape)
    first = index[:, :1].expand(-1, columns.shape[1] - 1)
    wrong = ~same.gather(1, columns[:, 1:])
    return Pairs(
        rows.flatten(),
        columns.flatten(),
        same.gather(1, columns).flatten(),
        first[wrong],
        index[:, 1:][wrong],
        columns.shape[1],
    )
