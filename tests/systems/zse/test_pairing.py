import torch

from inkseek.systems.zse.pairing import pair_as_published, pair_in_rows, pair_with_candidates

SKETCH = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
PHOTO = torch.tensor([0, 1, 2, 3, 5, 6, 0, 7])
SAME = SKETCH[:, None] == PHOTO[None, :]


def with_candidates(negatives, seed=0, similarity=None):
    if similarity is None:
        similarity = torch.rand(8, 8, generator=torch.Generator().manual_seed(seed))
    generator = torch.Generator().manual_seed(seed)
    return pair_with_candidates(similarity, SAME, negatives, generator=generator)


def test_published_pairs_are_half_positive_half_negative():
    pairs = pair_as_published(SAME)
    assert pairs.rows.tolist() == pairs.columns.tolist() == list(range(8))
    assert pairs.relevant.tolist() == [True] * 4 + [False] * 4
    # The negative of item i has met the second sketch, as in the released code.
    assert (pairs.positive.tolist(), pairs.negative.tolist()) == ([0, 1, 2, 3], [4, 5, 6, 7])


def test_each_sketch_meets_its_photo_first_then_others_of_other_categories():
    pairs = with_candidates(3)
    assert pairs.candidates == 4
    assert pairs.rows.reshape(8, 4).tolist() == [[i] * 4 for i in range(8)]
    columns, relevant = pairs.columns.reshape(8, 4), pairs.relevant.reshape(8, 4)
    assert columns[:, 0].tolist() == [0, 1, 2, 3] * 2
    assert relevant[:, 0].all()
    assert not relevant[:, 1:].any()
    assert all(len(set(row)) == 4 for row in columns.tolist())


def test_half_of_the_negatives_are_the_most_similar_ones():
    similarity = torch.zeros(8, 8)
    similarity[:, 5] = 2.0
    similarity[:, 7] = 1.0
    similarity[:, 0] = 3.0  # of the category of sketches 0 and 4
    columns = with_candidates(4, similarity=similarity).columns.reshape(8, 5)
    assert columns[0, 1:3].tolist() == columns[4, 1:3].tolist() == [5, 7]
    assert columns[1, 1:3].tolist() == [0, 5]
    drawn = {tuple(with_candidates(4, s, similarity).columns[3:5].tolist()) for s in range(8)}
    assert len(drawn) > 1


def test_triplets_pair_the_positive_with_each_wrong_photo():
    pairs = with_candidates(3)
    assert pairs.relevant[pairs.positive].all()
    assert not pairs.relevant[pairs.negative].any()
    assert torch.equal(pairs.rows[pairs.positive], pairs.rows[pairs.negative])
    assert len(pairs.positive) == 8 * 3


def test_a_batch_with_too_few_other_photos_marks_what_it_fills_up_with():
    same = torch.ones(4, 4, dtype=torch.bool)
    same[:, 3] = False
    pairs = pair_with_candidates(
        torch.rand(4, 4), same, 9, generator=torch.Generator().manual_seed(0)
    )
    assert pairs.candidates == 4
    assert pairs.relevant.reshape(4, 4).sum(1).tolist() == [3, 3, 3, 3]
    assert len(pairs.negative) == 4


def test_rows_of_candidates_begin_with_the_positive():
    pairs = pair_in_rows(2, 3, torch.device("cpu"))
    assert pairs.rows.tolist() == [0, 0, 0, 1, 1, 1]
    assert pairs.columns.tolist() == [0, 1, 2, 3, 4, 5]
    assert pairs.relevant.tolist() == [True, False, False, True, False, False]
    assert pairs.positive.tolist() == [0, 0, 3, 3]
    assert pairs.negative.tolist() == [1, 2, 4, 5]
    assert pairs.candidates == 3
