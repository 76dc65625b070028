import numpy as np
import pytest

from inkseek.errors import DatasetError
from inkseek.systems.sketchynet import outcomes as module
from inkseek.systems.sketchynet.outcomes import measure_outcomes, oracle_canvas


def make_case(seed=0, num_sketches=12, num_photos=7, dim=5):
    """Two levels, three canvases; the embeddings in half precision."""
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(2, 3, num_sketches, dim)).astype(np.float16)
    photos = rng.normal(size=(num_photos, dim)).astype(np.float32)
    return embeddings, photos, rng.integers(0, num_photos, num_sketches)


def unit(row):
    row = row.astype(np.float64)
    return row / np.linalg.norm(row)


def measure_by_loops(embeddings, photos, photo_of, group, margin):
    ranks = np.zeros(embeddings.shape[:3], dtype=int)
    triplets = np.zeros(embeddings.shape[:3])
    for place in np.ndindex(ranks.shape):
        own = photo_of[place[2]]
        sketch = unit(embeddings[place])
        rivals = [n for n in range(len(photos)) if n != own and group[n] == group[own]]
        distance = [((sketch - unit(photo)) ** 2).sum() for photo in photos]
        ranks[place] = 1 + sum(distance[n] <= distance[own] for n in rivals)
        losses = [max(0.0, margin + distance[own] - distance[n]) for n in rivals]
        triplets[place] = np.mean(losses) if rivals else 0.0
    return ranks, triplets


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("chunk", [4096, 3])
def test_agrees_with_loops(grouped, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    embeddings, photos, photo_of = make_case()
    # A group of three, one of three and one photo alone.
    group = np.array([5, 9, 5, 2, 9, 9, 5])
    found = measure_outcomes(
        embeddings, photos, photo_of, photo_group=group if grouped else None, margin=0.4
    )
    ranks, triplets = measure_by_loops(
        embeddings, photos, photo_of, group if grouped else np.zeros(7), 0.4
    )
    np.testing.assert_array_equal(found.ranks, ranks)
    np.testing.assert_allclose(found.triplets, triplets, atol=1e-5)


def test_a_tie_counts_against_the_sketch():
    photos = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    embeddings = np.array([1, 0], dtype=np.float16).reshape(1, 1, 1, 2)
    found = measure_outcomes(embeddings, photos, np.array([0]))
    assert found.ranks.item() == 2
    # The twin loses by the whole margin, the third photo by nothing.
    assert found.triplets.item() == pytest.approx(0.1)


def test_a_photo_without_rivals_is_first_and_loses_nothing():
    embeddings, photos, photo_of = make_case()
    found = measure_outcomes(embeddings, photos, photo_of, photo_group=np.arange(7))
    assert (found.ranks == 1).all()
    assert (found.triplets == 0).all()


def test_the_order_of_the_gallery_does_not_matter():
    embeddings, photos, photo_of = make_case()
    order = np.random.default_rng(1).permutation(len(photos))
    before = measure_outcomes(embeddings, photos, photo_of)
    after = measure_outcomes(embeddings, photos[order], np.argsort(order)[photo_of])
    np.testing.assert_array_equal(before.ranks, after.ranks)
    np.testing.assert_allclose(before.triplets, after.triplets, atol=1e-6)


@pytest.mark.parametrize("photo", [-1, 7])
def test_a_photo_outside_the_gallery_is_an_error(photo):
    embeddings, photos, photo_of = make_case()
    photo_of[4] = photo
    with pytest.raises(DatasetError, match=f"sketch 4 has photo {photo}"):
        measure_outcomes(embeddings, photos, photo_of)


def test_an_embedding_that_is_not_a_number_is_an_error():
    embeddings, photos, photo_of = make_case()
    embeddings[1, 2, 3, 0] = np.nan
    with pytest.raises(DatasetError, match="not a number"):
        measure_outcomes(embeddings, photos, photo_of)


def test_the_oracle_takes_the_smallest_canvas_that_ranks_best():
    ranks = np.array([[1, 3, 9, 5], [1, 1, 4, 5], [2, 1, 4, 5], [1, 1, 6, 5]])
    assert oracle_canvas(ranks).tolist() == [0, 1, 1, 0]


def test_no_canvas_beats_the_oracles_and_none_smaller_equals_it():
    ranks = np.random.default_rng(0).integers(1, 4, (4, 300))
    for sketch, canvas in enumerate(oracle_canvas(ranks)):
        column = ranks[:, sketch]
        assert column[canvas] == column.min()
        assert (column[:canvas] > column[canvas]).all()
