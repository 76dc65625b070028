"""Retrieval metrics from a query-gallery distance matrix.

Each takes ``distances`` and a boolean ``relevant`` of the same shape. A tie counts against the
query: a wrong photo at the same distance ranks first. Thus a collapsed encoder, which maps
everything to one point, scores as badly as it should, and the order of the gallery never matters.

Plural names return one value a query, which is what an interval needs; singular names average
over queries. Average precision has several conventions, which differ by a lot: each has its own
name here, and only `mean_average_precision` is meant by mAP@all and mAP@k in this project.
"""

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from inkseek.errors import DatasetError

Distances = Float[np.ndarray, "query gallery"]
Relevant = Bool[np.ndarray, "query gallery"]
PerQuery = Float64[np.ndarray, " query"]


def ranks(distances: Distances, relevant: Relevant) -> Int64[np.ndarray, " query"]:
    """Position, from 1, of each query's nearest relevant photo.

    Raises:
        DatasetError: A query has no relevant photo, or a distance is not a number.
    """
    _check_numbers(distances)
    _check_relevant(relevant)
    nearest = np.where(relevant, distances, np.inf).min(axis=1, keepdims=True)
    ahead: Int64[np.ndarray, " query"] = ((distances <= nearest) & ~relevant).sum(axis=1)
    return ahead + 1


def acc_at_k(distances: Distances, relevant: Relevant, *, k: int) -> float:
    """Share of queries with a relevant photo among the first ``k`` (acc@k of FG-SBIR)."""
    _check_k(k)
    return float(np.mean(ranks(distances, relevant) <= k))


def precisions_at_k(distances: Distances, relevant: Relevant, *, k: int) -> PerQuery:
    """Share of relevant photos among the first ``k``; a smaller gallery is not padded."""
    _check_k(k)
    hits = _sort_relevance(distances, relevant)[:, :k]
    return np.asarray(hits.mean(axis=1))


def precision_at_k(distances: Distances, relevant: Relevant, *, k: int) -> float:
    """Mean over queries of `precisions_at_k` (P@k)."""
    return float(np.mean(precisions_at_k(distances, relevant, k=k)))


def precisions_at_min_k(distances: Distances, relevant: Relevant, *, k: int) -> PerQuery:
    """Share of relevant photos among the first min(k, relevant), as the ZSE-SBIR code counts P@k.

    Unlike P@k it reaches 1 for a query with fewer than ``k`` relevant photos.
    """
    _check_k(k)
    hits = _sort_relevance(distances, relevant)
    length = np.minimum(k, _count_relevant(relevant))
    found = np.take_along_axis(hits.cumsum(axis=1), length[:, None] - 1, axis=1)[:, 0]
    return np.asarray(found / length)


def average_precisions(distances: Distances, relevant: Relevant) -> PerQuery:
    r"""Average precision over the whole ranking, not interpolated (the standard AP).

    $$ \mathrm{AP} = \frac{1}{R} \sum_i \mathrm{rel}_i \, \mathrm{precision@}i $$

    where $\mathrm{rel}_i$ is 1 if the photo at rank $i$ is relevant, and $R$ of them are.
    """
    return average_precisions_over_all(distances, relevant, k=distances.shape[1])


def average_precisions_over_min(distances: Distances, relevant: Relevant, *, k: int) -> PerQuery:
    """AP over the first ``k``, divided by min(k, relevant): 1 for the best ranking possible.

    The convention of ZSE-SBIR and SAKE, and of `mean_average_precision`.
    """
    total = np.minimum(k, _count_relevant(relevant))
    return np.asarray(_sum_precisions(distances, relevant, k) / total)


def average_precisions_over_hits(distances: Distances, relevant: Relevant, *, k: int) -> PerQuery:
    """AP over the first ``k``, divided by the relevant photos found there; 0 when none is.

    The convention of the Doodle-to-Search code. It never falls when relevant photos are lost
    behind rank ``k``, so it flatters: one early hit alone scores 1.
    """
    _count_relevant(relevant)
    found = _sort_relevance(distances, relevant)[:, :k].sum(axis=1)
    return np.asarray(_sum_precisions(distances, relevant, k) / np.maximum(found, 1))


def average_precisions_over_all(distances: Distances, relevant: Relevant, *, k: int) -> PerQuery:
    """AP over the first ``k``, divided by all relevant photos, so at most k / relevant."""
    return np.asarray(_sum_precisions(distances, relevant, k) / _count_relevant(relevant))


def average_precisions_voc(distances: Distances, relevant: Relevant) -> PerQuery:
    """Interpolated AP of Pascal VOC: precision is its maximum at this rank or any later one.

    Never below `average_precisions`. The ZSE-SBIR code reports it as mAP@all.
    """
    hits = _sort_relevance(distances, relevant)
    interpolated = np.maximum.accumulate(_precision_by_rank(hits)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((interpolated * hits).sum(axis=1) / _count_relevant(relevant))


def mean_average_precision(
    distances: Distances, relevant: Relevant, *, k: int | None = None
) -> float:
    r"""Mean over queries of average precision, not interpolated (mAP@all, or mAP@k).

    $$ \mathrm{AP} = \frac{1}{\min(k, R)} \sum_{i \le k} \mathrm{rel}_i \, \mathrm{precision@}i $$

    Raises:
        DatasetError: A query has no relevant photo, or a distance is not a number.
    """
    k = distances.shape[1] if k is None else k
    return float(np.mean(average_precisions_over_min(distances, relevant, k=k)))


def _sum_precisions(distances: Distances, relevant: Relevant, k: int) -> PerQuery:
    _check_k(k)
    hits = _sort_relevance(distances, relevant)[:, :k]
    return np.asarray((_precision_by_rank(hits) * hits).sum(axis=1))


def _precision_by_rank(
    hits: Bool[np.ndarray, "query length"],
) -> Float64[np.ndarray, "query length"]:
    return np.asarray(hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1))


def _sort_relevance(distances: Distances, relevant: Relevant) -> Bool[np.ndarray, "query gallery"]:
    _check_numbers(distances)
    order = np.lexsort((relevant, distances), axis=1)
    return np.take_along_axis(relevant, order, axis=1)


def _count_relevant(relevant: Relevant) -> Int64[np.ndarray, " query"]:
    _check_relevant(relevant)
    return np.asarray(relevant.sum(axis=1))


def _check_relevant(relevant: Relevant) -> None:
    missing = np.flatnonzero(~relevant.any(axis=1))
    if len(missing):
        raise DatasetError(
            f"query {missing[0]} has no relevant photo in a gallery of {relevant.shape[1]}; "
            "its rank and average precision are undefined, so drop the query or widen the gallery"
        )


def _check_numbers(distances: Distances) -> None:
    rows = np.flatnonzero(np.isnan(distances).any(axis=1))
    if len(rows):
        raise DatasetError(
            f"query {rows[0]} has a distance that is not a number; check its embedding"
        )


def _check_k(k: int) -> None:
    if k < 1:
        raise DatasetError(f"k is {k}, but a ranking is cut after at least 1 photo")
