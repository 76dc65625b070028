import pytest
import torch

from inkseek.losses.triplet import hard_triplet_loss, triplet_loss


def unit(rows, dim, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, dim, generator=generator, dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)


def test_triplet_loss_by_hand():
    anchor = torch.tensor([[1.0, 0.0]])
    positive = torch.tensor([[0.0, 1.0]])  # squared distance 2
    negative = torch.tensor([[-1.0, 0.0]])  # squared distance 4
    assert triplet_loss(anchor, positive, negative, margin=0.2).item() == 0.0
    assert triplet_loss(anchor, negative, positive, margin=0.2).item() == pytest.approx(2.2)


def test_identical_embeddings_lose_exactly_the_margin():
    same = unit(4, 8)
    assert triplet_loss(same, same, same, margin=0.2).item() == pytest.approx(0.2)


def test_hard_triplets_agree_with_loops():
    sketch, photo = unit(6, 8), unit(6, 8, seed=1)
    peers = torch.ones(6, 6, dtype=torch.bool)
    peers[0, 3] = peers[3, 0] = False
    peers.fill_diagonal_(False)
    violations = []
    for i in range(6):
        for j in range(6):
            if peers[i, j]:
                gap = (sketch[i] - photo[i]).square().sum() - (sketch[i] - photo[j]).square().sum()
                violations.append(max(0.0, 0.5 + gap.item()))
    expected = sum(violations) / max(1, sum(v > 0 for v in violations))
    assert hard_triplet_loss(sketch, photo, peers=peers, margin=0.5).item() == pytest.approx(
        expected
    )


def test_hard_triplets_without_peers_are_zero():
    sketch = unit(3, 4)
    loss = hard_triplet_loss(sketch, sketch, peers=torch.zeros(3, 3, dtype=torch.bool), margin=1.0)
    assert loss.item() == 0.0
