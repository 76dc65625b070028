import math

import pytest
import torch

from inkseek.losses.contrastive import category_loss, instance_loss, neighbourhood_loss


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(2, 5, 8, generator=generator, dtype=torch.float64)
    return rows / rows.norm(dim=2, keepdim=True)


def blocks(*numbers):
    block = torch.tensor(numbers)
    return (block[:, None] == block[None, :]) & ~torch.eye(len(block), dtype=torch.bool)


@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_instance_loss_agrees_with_loops(views, temperature):
    sketch, photo = views
    peers = blocks(0, 0, 1, 1, 2)  # the last row has no peer and does not count
    losses = []
    for i in range(4):
        rivals = [i] + [j for j in range(5) if peers[i, j]]
        for a, b in ((sketch, photo), (photo, sketch)):
            scores = [math.exp(float(a[i] @ b[j]) / temperature) for j in rivals]
            losses.append(-math.log(scores[0] / sum(scores)))
    actual = instance_loss(sketch, photo, peers=peers, temperature=temperature)
    assert actual.item() == pytest.approx(sum(losses) / len(losses))


def test_a_collapsed_encoder_loses_the_log_of_the_rivals():
    same = torch.ones(4, 3, dtype=torch.float64) / math.sqrt(3)
    loss = instance_loss(same, same, peers=blocks(0, 0, 0, 0), temperature=0.1)
    assert loss.item() == pytest.approx(math.log(4))


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_category_loss_agrees_with_loops(views, temperature):
    query, key = views[0][:4], views[1]
    asked, held = [0, 1, 0, 2], [0, 1, 0, 2, 1]
    same = torch.tensor([[a == b for b in held] for a in asked])
    losses = []
    for i in range(4):
        scores = [math.exp(float(query[i] @ key[j]) / temperature) for j in range(5)]
        positives = [j for j in range(5) if asked[i] == held[j]]
        losses.append(-sum(math.log(scores[j] / sum(scores)) for j in positives) / len(positives))
    actual = category_loss(query, key, same=same, temperature=temperature)
    assert actual.item() == pytest.approx(sum(losses) / len(losses))


def test_neighbourhood_loss_is_the_divergence_of_two_softmaxes(views):
    query, key = views
    reference = torch.linspace(-1, 1, 25, dtype=torch.float64).reshape(5, 5)
    expected = 0.0
    for i in range(5):
        target = torch.softmax(reference[i] / 0.2, 0)
        given = torch.softmax(key @ query[i] / 0.5, 0)
        expected += float((target * (target / given).log()).sum()) / 5
    actual = neighbourhood_loss(
        query, key, reference=reference, temperature=0.5, reference_temperature=0.2
    )
    assert actual.item() == pytest.approx(expected)


def test_neighbourhoods_that_agree_cost_nothing(views):
    query, key = views
    options = {"temperature": 0.3, "reference_temperature": 0.3}
    assert neighbourhood_loss(query, key, reference=query @ key.T, **options).item() == (
        pytest.approx(0.0, abs=1e-12)
    )


def test_gradients_are_numerically_correct(views):
    sketch, photo = (v.clone().requires_grad_() for v in views)
    peers, same = blocks(0, 0, 1, 1, 2), torch.eye(5, dtype=torch.bool)
    assert torch.autograd.gradcheck(
        lambda s, p: instance_loss(s, p, peers=peers, temperature=0.5), (sketch, photo)
    )
    assert torch.autograd.gradcheck(
        lambda s, p: category_loss(s, p, same=same, temperature=0.5), (sketch, photo)
    )


def test_a_batch_without_peers_has_no_instance_loss_and_a_finite_gradient(views):
    sketch, photo = (v.clone().requires_grad_() for v in views)
    loss = instance_loss(sketch, photo, peers=blocks(0, 1, 2, 3, 4), temperature=0.1)
    loss.backward()
    assert loss.item() == 0.0
    assert torch.isfinite(sketch.grad).all()
