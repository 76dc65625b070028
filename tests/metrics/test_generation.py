import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkseek.errors import DatasetError
from inkseek.metrics.generation import (
    are_recognised,
    recognition_rate,
    ret_at_k,
    retrieval_ranks,
    stroke_displacement,
)


def test_identical_codes_find_themselves(generator):
    codes = generator.normal(size=(30, 4)).astype(np.float32)
    assert ret_at_k(codes, codes, k=1) == 1


def test_a_collapsed_encoder_finds_nothing():
    codes = np.ones((30, 4), dtype=np.float32)
    assert ret_at_k(codes, codes, k=29) == 0
    assert ret_at_k(codes, codes, k=30) == 1


def test_random_codes_find_a_share_of_k(generator):
    first, second = generator.normal(size=(2, 2000, 8)).astype(np.float32)
    assert ret_at_k(first, second, k=200) == pytest.approx(0.1, abs=0.03)


def test_ranks_by_hand():
    originals = np.array([[0.0], [1.0], [3.0]], dtype=np.float32)
    generated = np.array([[0.4], [0.4], [9.0]], dtype=np.float32)
    assert retrieval_ranks(generated, originals).tolist() == [1, 2, 1]


@settings(max_examples=10)
@given(st.integers(1, 400), st.integers(0, 100))
def test_ranks_are_those_of_a_loop(count, seed):
    generator = np.random.default_rng(seed)
    generated, originals = generator.integers(0, 4, (2, count, 2)).astype(np.float32)
    ranks = retrieval_ranks(generated, originals)
    i = count - 1
    distances = ((originals - generated[i]) ** 2).mean(1)
    assert ranks[i] == 1 + sum(distances[j] <= distances[i] for j in range(count) if j != i)


def test_recognition_counts_clear_winners():
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], dtype=np.float32)
    assert recognition_rate(scores, np.array([0, 0, 0])) == pytest.approx(1 / 3)


def test_recognition_says_which():
    scores = np.array([[2.0, 1.0], [1.0, 1.0], [0.0, 3.0]])
    assert are_recognised(scores, np.array([0, 0, 1])).tolist() == [True, False, True]


def test_displacement_is_a_share_of_the_extent():
    original = [np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([[0.0, 4.0]])]
    moved = [original[0], original[1] + [3.0, 4.0]]
    assert stroke_displacement(moved, original) == pytest.approx(0.5 / 2)
    assert stroke_displacement(original, original) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ret_at_k(np.ones((2, 3)), np.ones((3, 3)), k=1), "one generated row"),
        (lambda: ret_at_k(np.ones((0, 3)), np.ones((0, 3)), k=1), "one generated row"),
        (lambda: ret_at_k(np.full((1, 3), np.nan), np.ones((1, 3)), k=1), "finite"),
        (lambda: ret_at_k(np.ones((2, 3)), np.ones((2, 3)), k=0), "at least 1"),
        (lambda: recognition_rate(np.ones((0, 2)), np.ones(0, dtype=int)), "0 rows"),
        (lambda: recognition_rate(np.full((1, 2), np.nan), np.array([0])), "not a number"),
        (lambda: stroke_displacement([], []), "same strokes"),
        (lambda: stroke_displacement([np.ones((2, 2))], [np.ones((2, 2))]), "single dot"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(DatasetError, match=message):
        call()
