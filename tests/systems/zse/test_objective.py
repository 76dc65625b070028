from dataclasses import replace

import pytest
import torch
from torch import nn

from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import Match
from inkseek.systems.zse.objective import add_up, match_objective, retrieval_objective
from inkseek.systems.zse.pairing import pair_as_published, pair_with_candidates

CONFIG = ZseConfig("zse")
SAME = torch.tensor([0, 1, 0, 1])[:, None] == torch.tensor([0, 1, 2, 3])[None, :]


def random_match(pairs, seed=0):
    generator = torch.Generator().manual_seed(seed)
    count = len(pairs.rows)
    return Match(
        torch.randn(count, generator=generator),
        torch.randn(count, 5, generator=generator),
        torch.randn(count, 5, generator=generator),
        torch.zeros(count, 1, 1),
    )


def test_the_published_loss_is_that_of_the_released_code():
    pairs = pair_as_published(SAME)
    match = random_match(pairs)
    parts = match_objective(match, pairs, CONFIG)
    triplet = nn.functional.triplet_margin_loss(match.sketch[:2], match.photo[:2], match.photo[2:])
    target = torch.tensor([0.99, 0.99, 0.01, 0.01])
    relation = nn.functional.mse_loss(match.logit.sigmoid(), target)
    zero = torch.zeros(())
    total = add_up(parts, (zero, zero), CONFIG).total
    assert total.item() == pytest.approx((2 * triplet + 4 * relation).item(), rel=1e-5)


def test_both_terms_start_near_one():
    """Equal tokens and a score of one half, which is about where a random network is."""
    pairs = pair_as_published(SAME)
    match = Match(torch.zeros(4), torch.ones(4, 5), torch.ones(4, 5), torch.zeros(4, 1, 1))
    triplet, relation, _ = match_objective(match, pairs, CONFIG)
    assert triplet.item() == pytest.approx(1.0)
    assert 4 * relation.item() == pytest.approx(0.96, abs=0.01)


def test_ranking_counts_where_a_sketch_has_candidates():
    config = replace(CONFIG, negatives=2, ranking_weight=1.0)
    generator = torch.Generator().manual_seed(0)
    pairs = pair_with_candidates(torch.rand(4, 4), SAME, 2, generator=generator)
    match = random_match(pairs)
    expected = nn.functional.cross_entropy(match.logit.reshape(4, 3), torch.zeros(4).long())
    assert match_objective(match, pairs, config)[2].item() == pytest.approx(expected.item())


def test_retrieval_tokens_that_know_their_category_lose_nothing():
    config = replace(CONFIG, retrieval_weight=1.0, temperature=0.01)
    basis = torch.eye(4)
    sketch, photo = basis[[0, 1, 0, 1]] * 3, basis * 7
    none = torch.empty(4, 0)
    category, neighbourhood = retrieval_objective(sketch, photo, SAME, none, config)
    assert category.item() == pytest.approx(0.5 * torch.log(torch.tensor(2.0)).item(), abs=1e-4)
    assert neighbourhood.item() == 0.0
    worse, _ = retrieval_objective(sketch.flip(0), photo, SAME, none, config)
    assert worse > category


def test_photos_that_lie_as_their_references_do_lose_nothing():
    config = replace(CONFIG, neighbourhood_weight=1.0, temperature=0.1, reference_temperature=0.1)
    rows = nn.functional.normalize(torch.randn(4, 6, generator=torch.Generator().manual_seed(0)))
    sketch = rows[[0, 1, 0, 1]]
    assert retrieval_objective(sketch, rows, SAME, rows, config)[1].item() == pytest.approx(
        0.0, abs=1e-6
    )
    moved = rows.roll(1, dims=1)[[0, 1, 0, 1]]
    assert retrieval_objective(moved, rows, SAME, rows, config)[1].item() > 0.1


def test_the_sum_weighs_each_part():
    config = replace(
        CONFIG, negatives=1, ranking_weight=3.0, retrieval_weight=5.0, neighbourhood_weight=7.0
    )
    ones = [torch.tensor(v) for v in (1.0, 10.0, 100.0, 1000.0, 10000.0)]
    objective = add_up(tuple(ones[:3]), tuple(ones[3:]), config)
    assert objective.total.item() == 2 + 40 + 300 + 5000 + 70000
    assert objective.neighbourhood.item() == 10000
