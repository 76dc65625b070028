import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import DatasetError
from inkseek.metrics.topology import triplet_agreement, triplet_agreements


def distances_of(rows):
    return np.abs(rows[:, None] - rows[None, :]).sum(2)


@given(seed=st.integers(0, 2**16), whole=st.booleans())
def test_it_is_the_share_that_plain_loops_count(seed, whole):
    generator = np.random.default_rng(seed)
    if whole:  # ties in both spaces
        reference, other = generator.integers(0, 4, size=(2, 6, 2)).astype(np.float64)
        reference[:3, 0] = [0, 4, 9]
    else:
        reference, other = generator.normal(size=(2, 6, 2))
    reference, other = distances_of(reference), distances_of(other)
    found = triplet_agreements(reference, other, np.arange(6))
    for a in range(6):
        kept, known = 0, 0
        for i, j in itertools.combinations([p for p in range(6) if p != a], 2):
            if reference[a, i] == reference[a, j]:
                continue
            known += 1
            if reference[a, i] < reference[a, j]:
                kept += other[a, i] < other[a, j]
            else:
                kept += other[a, i] > other[a, j]
        assert found[a] == pytest.approx(kept / known)


def test_equal_spaces_keep_all_reversed_ones_none_and_collapsed_ones_none():
    space = distances_of(np.random.default_rng(0).normal(size=(9, 3)))
    anchors = np.arange(9)
    assert triplet_agreement(space, space, anchors) == 1.0
    assert triplet_agreement(space, space**2, anchors) == 1.0
    assert triplet_agreement(space, -space, anchors) == 0.0
    assert triplet_agreement(space, np.zeros_like(space), anchors) == 0.0


def test_unrelated_spaces_agree_by_chance():
    one, other = np.random.default_rng(0).normal(size=(2, 120, 16))
    found = triplet_agreement(distances_of(one), distances_of(other), np.arange(120))
    assert found == pytest.approx(0.5, abs=0.03)


def test_an_anchor_does_not_count_the_photo_it_is():
    reference = np.array([[0.0, 1.0, 2.0]])
    found = np.array([[9.0, 1.0, 2.0]])
    assert triplet_agreement(reference, found, np.array([0])) == 1.0
    assert triplet_agreement(reference, found, np.array([1])) == 0.0


def test_what_cannot_be_compared_is_an_error():
    space = distances_of(np.arange(4.0)[:, None])
    with pytest.raises(DatasetError, match="at least 3 different photos"):
        triplet_agreement(space[:2, :2], space[:2, :2], np.arange(2))
    with pytest.raises(DatasetError, match="not a number"):
        triplet_agreement(space, space * np.nan, np.arange(4))
