import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inkseek.systems.photo_topology.neighbours import (
    comparable_pairs,
    photo_distances,
    relative_neighbourhood,
    sample_pairs,
)


def draw_features(seed, count=6, *, ties=True):
    """Few whole numbers, so that ties are common, or none by chance."""
    generator = np.random.default_rng(seed)
    if ties:
        return generator.integers(0, 3, size=(count, 2)).astype(np.float32)
    return generator.normal(size=(count, 4)).astype(np.float32)


@given(seed=st.integers(0, 2**16), ties=st.booleans())
def test_distances_are_those_of_plain_loops(seed, ties):
    features = draw_features(seed, ties=ties)
    found = photo_distances(features)
    for i, j in itertools.product(range(len(features)), repeat=2):
        squares = [(a - b) ** 2 for a, b in zip(features[i], features[j], strict=True)]
        expected = sum(map(float, squares)) / len(squares)
        assert found[i, j] == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(found, found.T)
    assert not found.diagonal().any()


def test_distances_do_not_depend_on_chunks_or_suffer_far_from_the_origin(monkeypatch):
    features = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    whole = photo_distances(features)
    monkeypatch.setattr("inkseek.systems.photo_topology.neighbours.CHUNK", 7)
    assert np.array_equal(photo_distances(features), whole)
    moved = photo_distances(features + np.float32(100.0))
    assert np.abs(moved - whole).max() < 1e-4


@given(seed=st.integers(0, 2**16), ties=st.booleans())
def test_the_matrix_is_that_of_brute_force(seed, ties):
    distances = photo_distances(draw_features(seed, ties=ties))
    found = relative_neighbourhood(torch.from_numpy(distances))
    for a, i, j in itertools.product(range(len(distances)), repeat=3):
        nearer, farther = distances[a, i] < distances[a, j], distances[a, i] > distances[a, j]
        assert found[a, i, j] == (1 if nearer else -1 if farther else 0)


@given(seed=st.integers(0, 2**16), ties=st.booleans())
def test_the_matrix_is_antisymmetric_and_transitive(seed, ties):
    found = relative_neighbourhood(
        torch.from_numpy(photo_distances(draw_features(seed, ties=ties)))
    )
    assert torch.equal(found, -found.transpose(1, 2))
    nearer = found > 0
    chains = (nearer[:, :, :, None] & nearer[:, None, :, :]).any(2)  # i before j before k
    assert (nearer | ~chains).all()


def test_the_photo_itself_is_nearest_to_itself():
    distances = torch.from_numpy(photo_distances(draw_features(0, ties=False)))
    found = relative_neighbourhood(distances)
    for a in range(len(found)):
        assert (found[a, a].sum(), found[a, a, a]) == (len(found) - 1, 0)


def test_pairs_exclude_ties_equal_indices_and_two_rows_of_one_photo():
    photo = torch.tensor([4, 2, 4, 8])
    distances = torch.tensor([[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 3.0]])
    found = comparable_pairs(relative_neighbourhood(distances), photo)
    kept = [tuple(index) for index in found.nonzero().tolist()]
    assert kept == [
        (0, 0, 1),
        (0, 0, 3),
        (0, 1, 2),
        (0, 2, 3),
        (1, 0, 1),
        (1, 0, 3),
        (1, 1, 2),
        (1, 1, 3),
        (1, 2, 3),
    ]
    # Rows of one photo stay no pair where rounding makes their distances differ.
    distances[0, 2] = 1e-6
    assert not comparable_pairs(relative_neighbourhood(distances), photo)[:, 0, 2].any()


@given(seed=st.integers(0, 2**16), count=st.integers(1, 60))
def test_sampling_keeps_that_many_pairs_of_each_anchor_or_all(seed, count):
    distances = torch.from_numpy(photo_distances(draw_features(seed)))
    pairs = comparable_pairs(relative_neighbourhood(distances), torch.arange(6))
    kept = sample_pairs(pairs, count, generator=torch.Generator().manual_seed(seed))
    assert not (kept & ~pairs).any()
    available = pairs.flatten(1).sum(1)
    assert torch.equal(kept.flatten(1).sum(1), available.clamp(max=count))


def test_zero_takes_all_pairs_and_every_pair_is_as_likely():
    pairs = torch.ones(1, 5, 5, dtype=torch.bool).triu(1)
    generator = torch.Generator().manual_seed(0)
    assert torch.equal(sample_pairs(pairs, 0, generator=generator), pairs)
    seen = sum(sample_pairs(pairs, 2, generator=generator).int() for _ in range(3000))
    assert seen[~pairs].sum() == 0
    # 3000 x 2 / 10 = 600 expected of each, with a deviation of about 22.
    assert (seen[pairs] - 600).abs().max() < 110
