import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from inkseek.losses.mixture import (
    mixture_log_density,
    mixture_size,
    sample_mixture,
    sketch_loss,
    split_mixture,
)


def raw(*shape, components=3, seed=0, scale=0.7):
    generator = torch.Generator().manual_seed(seed)
    numbers = torch.randn(*shape, mixture_size(components), generator=generator)
    return scale * numbers.double()


def covariance(mixture, k):
    deviation = mixture.log_deviation[0, k].exp()
    cross = torch.tanh(mixture.skew[0, k]) * deviation.prod()
    return np.array([[deviation[0] ** 2, cross], [cross, deviation[1] ** 2]])


def target(*rows):
    return torch.tensor([rows], dtype=torch.float64)


def test_one_component_is_scipys_normal():
    mixture = split_mixture(raw(1, components=1))
    place = torch.tensor([[0.4, -1.3]], dtype=torch.float64)
    expected = multivariate_normal(mixture.mean[0, 0].numpy(), covariance(mixture, 0))
    assert mixture_log_density(mixture, place).item() == pytest.approx(expected.logpdf(place[0]))


def test_density_integrates_to_one():
    mixture = split_mixture(raw(1))
    side = torch.linspace(-25, 25, 1001, dtype=torch.float64)
    places = torch.cartesian_prod(side, side)
    density = mixture_log_density(mixture, places).exp()
    assert density.sum().item() * (50 / 1000) ** 2 == pytest.approx(1, abs=1e-4)


def test_components_add_up_by_their_shares():
    mixture = split_mixture(raw(1))
    place = torch.tensor([[0.2, 0.1]], dtype=torch.float64)
    expected = sum(
        mixture.log_weight[0, k].exp().item()
        * multivariate_normal(mixture.mean[0, k].numpy(), covariance(mixture, k)).pdf(place[0])
        for k in range(3)
    )
    assert mixture_log_density(mixture, place).exp().item() == pytest.approx(expected)


@pytest.mark.parametrize("skew", [12.0, -12.0, 40.0])
def test_a_correlation_of_almost_one_stays_finite_in_float32(skew):
    numbers = torch.zeros(1, mixture_size(1))
    numbers[0, 8] = skew
    numbers.requires_grad_()
    density = mixture_log_density(split_mixture(numbers), torch.zeros(1, 2))
    density.sum().backward()
    assert torch.isfinite(density).all()
    assert torch.isfinite(numbers.grad).all()


def test_loss_agrees_with_loops():
    numbers = raw(2, 3)
    rows = [[0.1, 0.2, 1, 0, 0], [0.5, -0.2, 0, 1, 0], [0, 0, 0, 0, 1]]
    targets = torch.tensor([rows, rows[1:] + rows[2:]], dtype=torch.float64)
    mixture = split_mixture(numbers)
    place = pen = masked = 0.0
    for b in range(2):
        for t in range(3):
            one = split_mixture(numbers[b, t : t + 1])
            density = mixture_log_density(one, targets[b, t : t + 1, :2]).exp().item()
            inside = 1 - targets[b, t, 4].item()
            place -= math.log(density + 1e-6) * inside
            entropy = -math.log(mixture.pen[b, t].softmax(0)[targets[b, t, 2:].argmax()])
            pen += entropy
            masked += entropy * inside
    loss = sketch_loss(mixture, targets)
    assert loss.place.item() == pytest.approx(place / 2)
    assert loss.pen.item() == pytest.approx(pen / 2)
    assert sketch_loss(mixture, targets, mask_pen=True).pen.item() == pytest.approx(masked / 2)
    assert loss.total.item() == pytest.approx((place + pen) / 2)


def test_an_impossible_point_costs_no_more_than_the_floor():
    loss = sketch_loss(split_mixture(raw(1, 1)), target([1e6, 0.0, 1.0, 0.0, 0.0]))
    assert loss.place.item() == pytest.approx(-math.log(1e-6))


def test_gradient_is_numerically_correct():
    numbers = raw(1, 2).requires_grad_()
    rows = target([0.1, 0.2, 1.0, 0.0, 0.0], [0.5, -0.2, 0.0, 1.0, 0.0])
    assert torch.autograd.gradcheck(lambda n: sketch_loss(split_mixture(n), rows).total, numbers)


@pytest.mark.parametrize(("spread", "factor"), [("deviation", 0.25), ("variance", 0.5)])
def test_samples_have_the_deviation_and_correlation_that_are_asked(spread, factor):
    mixture = split_mixture(raw(1, components=1).expand(40_000, -1))
    rows = sample_mixture(
        mixture, temperature=0.25, generator=torch.Generator().manual_seed(0), spread=spread
    )
    measured = np.cov(rows[:, :2].numpy().T)
    np.testing.assert_allclose(measured, covariance(mixture, 0) * factor**2, rtol=0.05)


def test_temperature_sharpens_the_choice_of_component_and_pen():
    numbers = torch.zeros(20_000, mixture_size(2))
    numbers[:, :3] = torch.tensor([1.0, 0.5, 0.0])
    numbers[:, 3] = 1.0
    numbers[:, 5:7] = torch.tensor([100.0, -100.0])
    rows = sample_mixture(
        split_mixture(numbers), temperature=0.5, generator=torch.Generator().manual_seed(0)
    )
    assert (rows[:, 0] > 0).float().mean().item() == pytest.approx(1 / (1 + math.exp(-2)), abs=0.01)
    expected = torch.tensor([2.0, 1.0, 0.0]).softmax(0)
    torch.testing.assert_close(rows[:, 2:].mean(0), expected, atol=0.01, rtol=0)


def test_no_temperature_takes_the_likeliest_without_chance():
    mixture = split_mixture(raw(4))
    rows = sample_mixture(mixture, temperature=0.0)
    best = mixture.log_weight.argmax(1)
    assert torch.equal(rows[:, :2], mixture.mean[torch.arange(4), best])
    assert torch.equal(rows[:, 2:].argmax(1), mixture.pen.argmax(1))
