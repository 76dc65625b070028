import pytest
import torch

from inkseek.losses.contrastive import category_loss, instance_loss, neighbourhood_loss
from inkseek.losses.triplet import hard_triplet_loss
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.memory import Memory
from inkseek.systems.siamese.objective import compute_objective


def test_the_total_is_the_weighted_sum_of_its_parts():
    generator = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(2, 5, 8, generator=generator), dim=2)
    category, block = torch.tensor([0, 0, 1, 2, 1]), torch.tensor([0, 0, 1, 1, -1])
    reference = torch.nn.functional.normalize(torch.randn(5, 3, generator=generator), dim=1)
    config = SiameseConfig(
        "t",
        instance_weight=2.0,
        category_weight=3.0,
        triplet_weight=0.5,
        neighbourhood_weight=0.25,
        margin=0.4,
    )
    memory = Memory.empty(8)
    objective = compute_objective(*rows, category, block, reference, memory, config)
    expected = 2 * objective.instance + 3 * objective.category + 0.5 * objective.triplet
    expected = expected + 0.25 * objective.neighbourhood
    torch.testing.assert_close(objective.total, expected)

    peers = torch.zeros(5, 5, dtype=torch.bool)
    peers[0, 1] = peers[1, 0] = peers[2, 3] = peers[3, 2] = True  # the last row has no block
    same = category[:, None] == category[None, :]
    assert objective.instance.item() == pytest.approx(
        instance_loss(*rows, peers=peers, temperature=config.temperature).item()
    )
    directions = (rows, rows.flip(0))
    by_category = [category_loss(*d, same=same, temperature=0.07).item() for d in directions]
    assert objective.category.item() == pytest.approx(sum(by_category) / 2)
    near = [
        neighbourhood_loss(
            query,
            rows[1],
            reference=reference @ reference.T,
            temperature=0.07,
            reference_temperature=0.15,
        ).item()
        for query in rows
    ]
    assert objective.neighbourhood.item() == pytest.approx(sum(near) / 2)
    assert objective.triplet.item() == pytest.approx(
        hard_triplet_loss(*rows, peers=peers, margin=0.4).item()
    )


def test_without_a_reference_network_no_neighbourhood_is_kept():
    rows = torch.nn.functional.normalize(torch.eye(3, 4).repeat(2, 1, 1), dim=2)
    nothing, memory = torch.empty(3, 0), Memory.empty(4)
    numbers = torch.arange(3)
    config = SiameseConfig("t", neighbourhood_weight=5.0)
    objective = compute_objective(*rows, numbers, numbers, nothing, memory, config)
    assert objective.neighbourhood.item() == 0.0


def test_the_memory_adds_rivals_and_positives_of_other_batches():
    generator = torch.Generator().manual_seed(1)
    rows = torch.nn.functional.normalize(torch.randn(2, 6, 8, generator=generator), dim=2)
    category, alone = torch.tensor([0, 1, 2, 0, 3, 1]), torch.full((6,), -1)
    config = SiameseConfig("t", instance_weight=0.0, category_weight=1.0)
    nothing = torch.empty(6, 0)
    whole = compute_objective(*rows, category, alone, nothing, Memory.empty(8), config)
    memory = Memory.empty(8).push(*rows[:, 3:], category[3:], limit=10)
    halves = compute_objective(*rows[:, :3], category[:3], alone[:3], nothing[:3], memory, config)
    one_way = [
        category_loss(
            q[:3], k, same=category[:3, None] == category[None, :], temperature=0.07
        ).item()
        for q, k in (rows, rows.flip(0))
    ]
    assert halves.category.item() == pytest.approx(sum(one_way) / 2)
    assert halves.category.item() != pytest.approx(whole.category.item())


def test_the_memory_keeps_the_newest_rows_without_gradients():
    old, new = torch.zeros(3, 2, requires_grad=True), torch.ones(2, 2, requires_grad=True)
    zeros, ones = torch.zeros(3, dtype=torch.int64), torch.ones(2, dtype=torch.int64)
    memory = Memory.empty(2).push(old, old, zeros, limit=4)
    memory = memory.push(new, new, ones, limit=4)
    assert memory.category.tolist() == [1, 1, 0, 0]
    assert not memory.photo.requires_grad
