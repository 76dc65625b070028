import pytest
import torch
from torch import nn

from inkseek.losses.relation import distance_triplet_loss, relation_loss, relation_ranking_loss


def rows(seed, count=6):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 4, dtype=torch.float64, generator=generator)


def logit(score):
    return torch.logit(torch.tensor(score, dtype=torch.float64))


def test_relation_loss_is_zero_at_its_clamped_targets():
    loss = relation_loss(logit([0.99, 0.01, 0.01]), torch.tensor([True, False, False]))
    assert loss.item() == pytest.approx(0.0, abs=1e-12)


def test_relation_loss_is_the_mean_squared_error_where_kinds_are_balanced():
    found = relation_loss(logit([0.7, 0.2]), torch.tensor([True, False]))
    assert found.item() == pytest.approx(((0.7 - 0.99) ** 2 + (0.2 - 0.01) ** 2) / 2)


def test_many_unrelated_pairs_weigh_as_much_as_one_related_one():
    relevant = torch.tensor([True, False, False, False])
    found = relation_loss(logit([0.7, 0.2, 0.2, 0.2]), relevant)
    assert found.item() == pytest.approx(((0.7 - 0.99) ** 2 + (0.2 - 0.01) ** 2) / 2)


def test_relation_loss_starts_near_what_the_paper_weighs_to_one():
    """Scores of one half: four times the loss is 0.96, about the triplet term's start."""
    loss = relation_loss(torch.zeros(2), torch.tensor([True, False]))
    assert 4 * loss.item() == pytest.approx(0.9604)


def test_triplet_loss_agrees_with_torch():
    parts = rows(0), rows(1), rows(2)
    expected = nn.functional.triplet_margin_loss(*parts, margin=1.0)
    assert distance_triplet_loss(*parts, margin=1.0).item() == pytest.approx(expected.item())


def test_triplet_loss_of_equal_rows_is_the_margin_and_has_a_gradient():
    anchor = rows(0).requires_grad_()
    loss = distance_triplet_loss(anchor, rows(0), rows(0), margin=0.5)
    loss.backward()
    assert loss.item() == pytest.approx(0.5)
    assert anchor.grad.isfinite().all()


def test_ranking_loss_of_one_related_candidate_is_the_cross_entropy():
    logits = rows(3)
    relevant = torch.zeros(6, 4, dtype=torch.bool)
    relevant[:, 2] = True
    expected = nn.functional.cross_entropy(logits, torch.full((6,), 2))
    assert relation_ranking_loss(logits, relevant).item() == pytest.approx(expected.item())


def test_ranking_loss_is_zero_where_every_candidate_is_related():
    assert relation_ranking_loss(rows(3), torch.ones(6, 4, dtype=torch.bool)).item() == 0.0


@pytest.mark.parametrize("seed", range(2))
def test_gradients_are_numerically_correct(seed):
    a, p, n = (rows(seed + i).requires_grad_() for i in range(3))
    relevant = torch.rand(6, 4, generator=torch.Generator().manual_seed(seed)) < 0.4
    relevant[:, 0] = True
    assert torch.autograd.gradcheck(lambda *x: distance_triplet_loss(*x, margin=1.0), (a, p, n))
    assert torch.autograd.gradcheck(lambda x: relation_loss(x.flatten(), relevant.flatten()), a)
    assert torch.autograd.gradcheck(lambda x: relation_ranking_loss(x, relevant), a)
