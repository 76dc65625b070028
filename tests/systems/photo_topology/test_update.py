import pytest
import torch

from inkseek.systems.photo_topology.update import (
    multi_task_update,
    single_update,
    two_step_update,
)


def matrix(seed):
    generator = torch.Generator().manual_seed(seed)
    root = torch.randn(4, 4, generator=generator, dtype=torch.float64)
    return root @ root.T


@pytest.fixture
def bowl():
    """Two quadratics: 1/2 x'Ax - b'x, and 1/2 (x - c)'B(x - c)."""
    a, b = matrix(0), matrix(1)
    generator = torch.Generator().manual_seed(2)
    offset, centre, start = torch.randn(3, 4, generator=generator, dtype=torch.float64)

    def retrieval(weights):
        x = weights["x"]
        return 0.5 * x @ a @ x - offset @ x

    def topology(weights):
        x = weights["x"] - centre
        return 0.5 * x @ b @ x

    return a, b, offset, centre, start.requires_grad_(), retrieval, topology


def test_the_two_step_gradient_of_quadratics_has_a_closed_form(bowl):
    a, b, offset, centre, x, retrieval, topology = bowl
    update = two_step_update({"x": x}, retrieval, topology, inner_rate=0.05, weight=0.7)
    first = a @ x - offset
    second = b @ (x - 0.05 * first - centre)
    torch.testing.assert_close(update.gradient["x"], first + 0.7 * second, rtol=1e-12, atol=1e-12)
    assert update.retrieval.item() == pytest.approx(retrieval({"x": x}).item())
    assert update.topology.item() == pytest.approx(topology({"x": x - 0.05 * first}).item())


def test_it_is_first_order(bowl):
    """Differentiating through the inner step would give (1 - eta A) times the second gradient."""
    a, b, offset, centre, x, retrieval, topology = bowl
    update = two_step_update({"x": x}, retrieval, topology, inner_rate=0.05, weight=1.0)
    first = (a @ x - offset).detach()
    inner = (x - 0.05 * first - centre).detach()
    exact = first + (torch.eye(4, dtype=torch.float64) - 0.05 * a) @ b @ inner
    assert (update.gradient["x"] - exact).abs().max() > 1e-2


def test_many_steps_settle_where_the_closed_form_says(bowl):
    """g1 + w g2 = 0 is linear: ((I - wB eta)A + wB) x = (I - wB eta) b + wB c."""
    a, b, offset, centre, start, retrieval, topology = bowl
    x = start.detach().clone()
    for _ in range(400):
        weights = {"x": x.requires_grad_()}
        update = two_step_update(weights, retrieval, topology, inner_rate=0.1, weight=0.5)
        x = (x - 0.1 * update.gradient["x"]).detach()
    shrink = torch.eye(4, dtype=torch.float64) - 0.1 * 0.5 * b
    expected = torch.linalg.solve(shrink @ a + 0.5 * b, shrink @ offset + 0.5 * b @ centre)
    torch.testing.assert_close(x, expected, rtol=1e-6, atol=1e-6)


def test_without_weight_it_is_the_triplet_gradient(bowl):
    *_, x, retrieval, topology = bowl
    two_step = two_step_update({"x": x}, retrieval, topology, inner_rate=0.05, weight=0.0)
    alone = single_update({"x": x}, retrieval)
    assert torch.equal(two_step.gradient["x"], alone.gradient["x"])


def test_without_an_inner_step_it_is_the_multi_task_gradient(bowl):
    *_, x, retrieval, topology = bowl
    two_step = two_step_update({"x": x}, retrieval, topology, inner_rate=0.0, weight=0.7)

    def both(weights):
        return retrieval(weights), topology(weights)

    summed = multi_task_update({"x": x}, both, weight=0.7)
    torch.testing.assert_close(two_step.gradient["x"], summed.gradient["x"])


def test_parameters_and_their_gradients_stay_as_they_were(bowl):
    *_, x, retrieval, topology = bowl
    before = x.detach().clone()
    two_step_update({"x": x}, retrieval, topology, inner_rate=0.5, weight=1.0)
    assert torch.equal(x.detach(), before)
    assert x.grad is None


def test_a_loss_that_reaches_no_weight_has_a_zero_gradient(bowl):
    *_, x, retrieval, _ = bowl
    unused = torch.ones(2, dtype=torch.float64, requires_grad=True)
    weights = {"x": x, "unused": unused}
    update = two_step_update(
        weights, retrieval, lambda w: torch.tensor(1.0), inner_rate=0.1, weight=1.0
    )
    assert update.gradient["unused"].tolist() == [0.0, 0.0]
    assert torch.equal(update.gradient["x"], single_update(weights, retrieval).gradient["x"])
