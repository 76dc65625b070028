import itertools

import pytest
import torch

from inkseek.systems.photo_topology.neighbours import comparable_pairs, relative_neighbourhood
from inkseek.systems.photo_topology.objective import (
    mean_squared_distances,
    retrieval_loss,
    sampled_topology_loss,
    topology_loss,
)


def rows(count, seed, dim=4):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, dim, generator=generator, dtype=torch.float64)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def mse(u, v):
    return sum((float(a) - float(b)) ** 2 for a, b in zip(u, v, strict=True)) / len(u)


def test_distance_is_the_mean_over_dimensions_rather_than_the_sum():
    found = mean_squared_distances(torch.zeros(1, 8), torch.full((2, 8), 3.0))
    assert found.tolist() == [[9.0, 9.0]]


def test_retrieval_is_that_of_plain_loops_where_there_is_one_negative():
    sketch, photo = rows(4, 0), rows(2, 1)[[0, 0, 1, 0]]
    identity = torch.tensor([5, 5, 6, 5])
    found = retrieval_loss(sketch, photo, identity=identity, margin=2.0, generator=seeded())
    # Sketch 2 may draw any of three rows, but they are one photo.
    others = [2, 2, 0, 2]
    expected = [
        max(0.0, mse(sketch[i], photo[i]) - mse(sketch[i], photo[n]) + 2.0)
        for i, n in enumerate(others)
    ]
    assert found.item() == pytest.approx(sum(expected) / 4, rel=1e-12)


def test_a_batch_of_one_photo_has_no_retrieval_loss_and_no_gradient():
    sketch = rows(3, 0).requires_grad_()
    identity = torch.tensor([5, 5, 5])
    photo = rows(1, 1).expand(3, -1)
    loss = retrieval_loss(sketch, photo, identity=identity, margin=2.0, generator=seeded())
    loss.backward()
    assert loss.item() == 0.0
    assert not sketch.grad.any()


def test_negatives_are_drawn_from_all_other_photos_and_follow_the_seed():
    sketch, identity = torch.zeros(3, 1), torch.arange(3)
    photo = torch.tensor([[0.0], [1.0], [10.0]])
    found = {
        retrieval_loss(sketch, photo, identity=identity, margin=200.0, generator=seeded(s)).item()
        for s in range(40)
    }
    expected = {
        round((600 - a + 1 - b + 100 - c) / 3, 3)
        for a, b, c in itertools.product((1, 100), (0, 100), (0, 1))
    }
    assert {round(value, 3) for value in found} == expected


def test_topology_is_that_of_plain_loops():
    sketch, photo, anchors = rows(3, 0), rows(5, 1), rows(5, 2)
    reference = mean_squared_distances(anchors[:3], anchors)
    found = sampled_topology_loss(
        sketch,
        photo,
        reference=reference,
        identity=torch.arange(5),
        pairs=0,
        margin=0.3,
        generator=seeded(),
    )
    terms = []
    for s, i, j in itertools.product(range(3), range(5), range(5)):
        if i == j:
            continue
        sign = 1 if mse(anchors[s], anchors[i]) < mse(anchors[s], anchors[j]) else -1
        difference = mse(sketch[s], photo[i]) - mse(sketch[s], photo[j])
        terms.append(max(0.0, sign * difference + 0.3))
    # The loops see each pair both ways round, which leaves the mean as it is.
    assert found.item() == pytest.approx(sum(terms) / len(terms), rel=1e-12)


def test_a_space_that_orders_as_the_frozen_one_beyond_the_margin_has_no_loss():
    line = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
    reference = mean_squared_distances(line, line)
    options = {"reference": reference, "identity": torch.arange(4), "pairs": 0, "margin": 0.5}
    same = sampled_topology_loss(line, line, generator=seeded(), **options)
    assert same.item() == 0.0
    mirrored = sampled_topology_loss(line, line.flip(0), generator=seeded(), **options)
    assert mirrored.item() > 1.0


def test_a_collapsed_space_costs_the_margin_and_ties_cost_nothing():
    point, photos = torch.zeros(2, 3), torch.zeros(3, 3)
    reference = torch.tensor([[0.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    options = {"identity": torch.arange(3), "pairs": 0, "margin": 0.25, "generator": seeded()}
    assert sampled_topology_loss(point, photos, reference=reference, **options).item() == 0.25
    ties = torch.ones(2, 3)
    assert sampled_topology_loss(point, photos, reference=ties, **options).item() == 0.0


def test_both_gradients_are_numerically_correct():
    sketch, photo = rows(3, 3).requires_grad_(), rows(3, 4).requires_grad_()
    identity = torch.arange(3)
    reference = mean_squared_distances(rows(3, 5), rows(3, 5))
    neighbourhood = relative_neighbourhood(reference)
    kept = comparable_pairs(neighbourhood, identity)

    def topology(s, p):
        return topology_loss(s, p, neighbourhood=neighbourhood, kept=kept, margin=0.1)

    def retrieval(s, p):
        return retrieval_loss(s, p, identity=identity, margin=1.0, generator=seeded())

    assert torch.autograd.gradcheck(topology, (sketch, photo))
    assert torch.autograd.gradcheck(retrieval, (sketch, photo))
