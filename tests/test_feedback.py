import numpy as np
import pytest

from inkseek.feedback import ALPHA, BETA, GAMMA, apply_feedback, expand_query

NONE = np.empty((0, 3), np.float32)
EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def test_without_feedback_the_query_stays():
    np.testing.assert_array_equal(apply_feedback(EAST, NONE, NONE), EAST)


def test_moves_as_the_formula_says():
    liked, disliked = np.stack([NORTH, EAST]), np.stack([UP])
    wanted = np.array([ALPHA + BETA / 2, BETA / 2, -GAMMA])
    moved = apply_feedback(EAST, liked, disliked)
    np.testing.assert_allclose(moved, wanted / np.linalg.norm(wanted), atol=1e-6)


def test_expanding_is_liking_what_was_found():
    found = np.stack([NORTH, UP])
    np.testing.assert_array_equal(expand_query(EAST, found), apply_feedback(EAST, found, NONE))


def test_a_liked_photo_rises_and_a_disliked_one_falls(generator):
    photos = generator.standard_normal((50, 8)).astype(np.float32)
    photos /= np.linalg.norm(photos, axis=1, keepdims=True)
    query = photos[0]
    before = photos @ query
    none = np.empty((0, 8), np.float32)
    for i in range(1, 10):
        one = photos[i : i + 1]
        liked = photos @ apply_feedback(query, one, none)
        assert np.sum(liked > liked[i]) <= np.sum(before > before[i])
        assert liked[i] > before[i]
        disliked = photos @ apply_feedback(query, none, one)
        assert disliked[i] < before[i]
        assert np.sum(disliked > disliked[i]) >= np.sum(before > before[i])


def test_the_result_has_unit_length_and_the_order_of_feedback_does_not_matter(generator):
    rows = generator.standard_normal((6, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    moved = apply_feedback(rows[0], rows[1:4], rows[4:])
    assert np.linalg.norm(moved) == pytest.approx(1, abs=1e-6)
    again = apply_feedback(rows[0], rows[[3, 1, 2]], rows[[5, 4]])
    np.testing.assert_allclose(moved, again, atol=1e-6)


def test_nothing_cancels_the_query():
    moved = apply_feedback(EAST, np.stack([-EAST]), np.stack([EAST]))
    np.testing.assert_allclose(moved, EAST, atol=1e-6)
