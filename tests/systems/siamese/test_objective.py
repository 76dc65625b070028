import pytest
import torch

from inkseek.losses.contrastive import category_loss, instance_loss
from inkseek.losses.triplet import hard_triplet_loss
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.objective import compute_objective


def test_the_total_is_the_weighted_sum_of_its_parts():
    generator = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(2, 5, 8, generator=generator), dim=2)
    category, block = torch.tensor([0, 0, 1, 2, 1]), torch.tensor([0, 0, 1, 1, -1])
    config = SiameseConfig(
        "t", instance_weight=2.0, category_weight=3.0, triplet_weight=0.5, margin=0.4
    )
    objective = compute_objective(*rows, category, block, config)
    expected = 2 * objective.instance + 3 * objective.category + 0.5 * objective.triplet
    torch.testing.assert_close(objective.total, expected)

    peers = torch.zeros(5, 5, dtype=torch.bool)
    peers[0, 1] = peers[1, 0] = peers[2, 3] = peers[3, 2] = True  # the last row has no block
    same = category[:, None] == category[None, :]
    assert objective.instance.item() == pytest.approx(
        instance_loss(*rows, peers=peers, temperature=config.temperature).item()
    )
    assert objective.category.item() == pytest.approx(
        category_loss(*rows, same=same, temperature=config.temperature).item()
    )
    assert objective.triplet.item() == pytest.approx(
        hard_triplet_loss(*rows, peers=peers, margin=0.4).item()
    )
