import numpy as np
import pytest
import torch

from inkseek.errors import ModelError
from inkseek.systems.zse.network import match_in_order
from inkseek.systems.zse.retrieval import (
    blend,
    encode_all,
    rerank,
    rn_distances,
    sa_distances,
    two_stage_distances,
)
from inkseek.systems.zse.tokenizer import Encoded


def images(count, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)


@pytest.fixture
def encoded(vit):
    sketches, photos = images(3), images(7, seed=1)
    return (
        encode_all(vit, 3, lambda rows: sketches[rows.start : rows.stop]),
        encode_all(vit, 7, lambda rows: photos[rows.start : rows.stop]),
    )


def test_encoding_in_chunks_is_encoding_one_by_one(vit, encoded, monkeypatch):
    monkeypatch.setattr("inkseek.systems.zse.retrieval.CHUNK", 2)
    photos = images(7, seed=1)
    vit.train()
    again = encode_all(vit, 7, lambda rows: photos[rows.start : rows.stop])
    assert vit.training  # as it was, though it encoded without dropout
    torch.testing.assert_close(again.tokens, encoded[1].tokens)


def test_measuring_amid_mixed_precision_is_in_full_precision(vit, encoded):
    photos = images(7, seed=1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        again = encode_all(vit, 7, lambda rows: photos[rows.start : rows.stop])
        found = rn_distances(vit, encoded[0], again)
        nearness = sa_distances(encoded[0], again)
    torch.testing.assert_close(again.tokens, encoded[1].tokens)
    np.testing.assert_allclose(found, rn_distances(vit, *encoded), atol=1e-5)
    np.testing.assert_allclose(nearness, sa_distances(*encoded), atol=1e-5)


def test_sa_is_the_distance_of_unit_retrieval_tokens(encoded):
    sketch, photo = (torch.nn.functional.normalize(e.tokens[:, 0]) for e in encoded)
    expected = torch.cdist(sketch, photo).numpy()
    np.testing.assert_allclose(sa_distances(*encoded), expected, atol=1e-4)


def test_rn_is_minus_the_logit_of_each_pair(vit, encoded, monkeypatch):
    monkeypatch.setattr("inkseek.systems.zse.retrieval.PAIRS", 3)
    sketches, photos = encoded
    found = rn_distances(vit, sketches, photos)
    for q in range(3):
        for g in range(7):
            pair = match_in_order(vit, sketches[q : q + 1], photos[g : g + 1])
            assert found[q, g] == pytest.approx(-pair.logit.item(), abs=1e-5)


def test_two_stages_over_everything_rank_as_rn_does(vit, encoded):
    both = two_stage_distances(vit, *encoded, first=7)
    alone = rn_distances(vit, *encoded)
    np.testing.assert_array_equal(both.argsort(1), alone.argsort(1))


def test_two_stages_reorder_the_shortlist_and_nothing_else(vit, encoded):
    coarse, fine = sa_distances(*encoded), rn_distances(vit, *encoded)
    both = two_stage_distances(vit, *encoded, first=4)
    for q in range(3):
        order, expected = both[q].argsort(), coarse[q].argsort()
        assert set(order[:4]) == set(expected[:4])
        assert order[4:].tolist() == expected[4:].tolist()
        assert order[:4].tolist() == sorted(expected[:4], key=lambda g: fine[q, g])


def test_a_shortlist_of_equal_logits_still_comes_first():
    coarse = np.array([[0.1, 0.2, 0.3]], dtype=np.float32)
    logits = np.zeros((1, 2), dtype=np.float32)
    assert rerank(coarse, np.array([[0, 1]]), logits)[0].argmax() == 2


def test_nothing_to_encode_is_an_error(vit):
    with pytest.raises(ModelError, match="no images to encode"):
        encode_all(vit, 0, lambda rows: images(0))


def test_part_of_the_tokens_can_be_taken_and_put_together(encoded):
    photos = encoded[1]
    both = Encoded.concatenate([photos[:3], photos[3:]])
    assert torch.equal(both.tokens, photos.tokens)
    assert torch.equal(both.places, photos.places)
    assert len(both) == 7


def test_a_blend_lies_between_the_order_of_tokens_and_that_of_scores():
    coarse = np.float32([[0.5, 0.9, 0.1, 0.2]])
    shortlist, logits = np.array([[2, 3, 0]]), np.float32([[-1.5, 2.0, 3.0]])
    orders = {
        weight: blend(coarse, shortlist, logits, weight=weight)[0].argsort().tolist()
        for weight in (0.0, 0.1, 100.0)
    }
    assert orders[0.0] == coarse[0].argsort().tolist() == [2, 3, 0, 1]
    assert orders[0.1] == [
        3,
        0,
        2,
        1,
    ]  # 0.2 - 0.2, 0.5 - 0.3, 0.1 + 0.15; the fourth is not shortlisted
    assert orders[100.0] == rerank(coarse, shortlist, logits)[0].argsort().tolist() == [0, 3, 2, 1]
