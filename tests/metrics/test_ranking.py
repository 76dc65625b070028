import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from torchmetrics.functional.retrieval import (
    retrieval_average_precision,
    retrieval_precision,
    retrieval_reciprocal_rank,
)

from inkseek.errors import DatasetError
from inkseek.metrics.ranking import (
    acc_at_k,
    average_precisions,
    average_precisions_over_all,
    average_precisions_over_hits,
    average_precisions_over_min,
    average_precisions_voc,
    mean_average_precision,
    precision_at_k,
    precisions_at_k,
    precisions_at_min_k,
    ranks,
)

# Worked by hand. Query 0 ranks photos 2, 0, 1, 3; query 1 ranks 1, 2, 0, 3.
DISTANCES = np.array([[0.2, 0.4, 0.1, 0.9], [0.7, 0.1, 0.3, 0.8]])
RELEVANT = np.array([[True, True, False, True], [False, True, False, False]])

# Relevance in ranked order: AP, VOC AP, AP@4 over min, over hits, over all, P@4, P@min(4, R).
VECTORS = [
    ([1, 0, 1, 0, 0, 1], (0.722222, 0.722222, 0.555556, 0.833333, 0.555556, 0.5, 0.666667)),
    ([0, 1, 1, 0, 1, 0], (0.588889, 0.644444, 0.388889, 0.583333, 0.388889, 0.5, 0.666667)),
    ([1, 1, 1, 0, 0, 0], (1, 1, 1, 1, 1, 0.75, 1)),
    ([0, 0, 0, 1, 1, 1], (0.383333, 0.5, 0.083333, 0.25, 0.083333, 0.25, 0)),
    ([1, 1, 1, 1, 0, 1], (0.966667, 0.966667, 1, 1, 0.8, 1, 1)),
]


def ranking(relevance):
    """One query whose photos come in the given order."""
    return np.arange(len(relevance), dtype=float)[None], np.array(relevance, bool)[None]


def with_similarities(distances, relevant):
    """Queries as torchmetrics takes them, which counts no photo of similarity 0 or less."""
    return list(zip(torch.tensor(1 - distances), torch.tensor(relevant), strict=True))


@pytest.fixture(scope="module")
def random_rankings():
    """Twelve queries over 40 photos without ties, each with at least one relevant photo."""
    generator = np.random.default_rng(5)
    relevant = generator.random((12, 40)) < 0.2
    relevant[:, 7] = True
    return generator.random((12, 40)), relevant


@pytest.mark.parametrize(
    ("metric", "k", "expected"),
    [
        (acc_at_k, 1, (0 + 1) / 2),
        (acc_at_k, 2, 1.0),
        (precision_at_k, 1, (0 + 1) / 2),
        (precision_at_k, 2, (1 / 2 + 1 / 2) / 2),
        (mean_average_precision, None, ((1 / 2 + 2 / 3 + 3 / 4) / 3 + 1) / 2),
        (mean_average_precision, 2, ((1 / 2) / min(2, 3) + 1) / 2),
    ],
)
def test_worked_example(metric, k, expected):
    assert metric(DISTANCES, RELEVANT, k=k) == pytest.approx(expected)


@pytest.mark.parametrize(("relevance", "expected"), VECTORS)
def test_each_convention_gives_its_own_number(relevance, expected):
    distances, relevant = ranking(relevance)
    found = [
        average_precisions(distances, relevant),
        average_precisions_voc(distances, relevant),
        average_precisions_over_min(distances, relevant, k=4),
        average_precisions_over_hits(distances, relevant, k=4),
        average_precisions_over_all(distances, relevant, k=4),
        precisions_at_k(distances, relevant, k=4),
        precisions_at_min_k(distances, relevant, k=4),
    ]
    assert [value.item() for value in found] == pytest.approx(expected, abs=1e-6)


def test_a_random_ranking_scores_what_chance_gives():
    generator = np.random.default_rng(0)
    relevant = np.zeros((4000, 200), bool)
    relevant[:, :20] = True
    distances = generator.random(relevant.shape)
    assert average_precisions(distances, relevant).mean() == pytest.approx(0.122, abs=0.002)
    assert average_precisions_voc(distances, relevant).mean() == pytest.approx(0.137, abs=0.002)


def test_average_precision_agrees_with_scikit_learn(random_rankings):
    distances, relevant = random_rankings
    expected = [average_precision_score(r, -d) for d, r in zip(distances, relevant, strict=True)]
    np.testing.assert_allclose(average_precisions(distances, relevant), expected)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_cut_metrics_agree_with_torchmetrics(random_rankings, k):
    distances, relevant = random_rankings
    queries = with_similarities(distances, relevant)
    precision = [retrieval_precision(s, r, top_k=k).item() for s, r in queries]
    over_hits = [retrieval_average_precision(s, r, top_k=k).item() for s, r in queries]
    np.testing.assert_allclose(precisions_at_k(distances, relevant, k=k), precision, rtol=1e-6)
    np.testing.assert_allclose(
        average_precisions_over_hits(distances, relevant, k=k), over_hits, rtol=1e-6
    )


def test_ranks_agree_with_torchmetrics(random_rankings):
    distances, relevant = random_rankings
    expected = [
        retrieval_reciprocal_rank(s, r).item() for s, r in with_similarities(distances, relevant)
    ]
    np.testing.assert_allclose(1 / ranks(distances, relevant), expected, rtol=1e-6)


def test_rank_counts_every_photo_at_the_same_distance():
    distances = np.array([[0.5, 0.2, 0.5, 0.5, 0.9]])
    assert ranks(distances, np.array([[False, False, True, False, False]])).tolist() == [4]


def test_a_collapsed_encoder_scores_zero():
    relevant = np.eye(10, dtype=bool)
    assert acc_at_k(np.zeros((10, 10)), relevant, k=9) == 0.0
    assert ranks(np.zeros((10, 10)), relevant).tolist() == [10] * 10
    assert precision_at_k(np.zeros((10, 10)), relevant, k=9) == 0.0
    assert mean_average_precision(np.zeros((10, 10)), relevant) == pytest.approx(1 / 10)


@pytest.mark.slow
@given(st.permutations(range(8)), st.integers(0, 2**32 - 1))
def test_gallery_order_does_not_matter(order, seed):
    generator = np.random.default_rng(seed)
    distances = generator.integers(0, 4, (3, 8)).astype(float)  # many ties
    relevant = generator.random((3, 8)) < 0.3
    relevant[:, 0] = True
    for metric in (acc_at_k, precision_at_k, mean_average_precision, average_precisions_over_hits):
        np.testing.assert_array_equal(
            metric(distances, relevant, k=3), metric(distances[:, order], relevant[:, order], k=3)
        )


@given(st.integers(0, 2**32 - 1))
def test_interpolation_never_lowers_average_precision(seed):
    generator = np.random.default_rng(seed)
    relevant = generator.random((4, 12)) < 0.4
    relevant[:, 3] = True
    distances = generator.random((4, 12))
    plain = average_precisions(distances, relevant)
    assert (average_precisions_voc(distances, relevant) >= plain - 1e-12).all()


@pytest.mark.parametrize(
    "metric",
    [
        ranks,
        average_precisions,
        average_precisions_voc,
        mean_average_precision,
        lambda d, r: average_precisions_over_hits(d, r, k=2),
        lambda d, r: precisions_at_min_k(d, r, k=2),
    ],
)
def test_a_query_without_a_relevant_photo_is_an_error(metric):
    with pytest.raises(DatasetError, match="query 1 has no relevant photo in a gallery of 2"):
        metric(np.zeros((2, 2)), np.array([[True, False], [False, False]]))


@pytest.mark.parametrize("metric", [ranks, average_precisions])
def test_a_distance_that_is_not_a_number_is_an_error(metric):
    distances = np.array([[0.0, 1.0], [np.nan, 1.0]])
    with pytest.raises(DatasetError, match="query 1 has a distance that is not a number"):
        metric(distances, np.ones((2, 2), bool))


@pytest.mark.parametrize("metric", [acc_at_k, precision_at_k, mean_average_precision])
def test_a_cut_before_the_first_photo_is_an_error(metric):
    with pytest.raises(DatasetError, match="k is 0"):
        metric(DISTANCES, RELEVANT, k=0)
