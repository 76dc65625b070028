import torch

from inkseek.systems.zse.attribution import integrate_gradients
from inkseek.systems.zse.relation import RelationNetwork


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_linear_function_splits_as_its_terms():
    weight, start, end = random(3, 2), random(4, 3, 2, seed=1), random(4, 3, 2, seed=2)
    parts = integrate_gradients(lambda x: (x * weight).sum((1, 2)), start, end, steps=1)
    torch.testing.assert_close(parts, (end - start) * weight)


def test_a_square_and_a_product_have_their_closed_forms():
    """From the origin x^2 is all of x, and of x y both bring half; one midpoint is exact."""
    start, end = torch.zeros(1, 2), torch.tensor([[2.0, 3.0]])
    for steps in (1, 64):
        parts = integrate_gradients(
            lambda x: x[:, 0] ** 2 + x[:, 0] * x[:, 1], start, end, steps=steps
        )
        torch.testing.assert_close(parts, torch.tensor([[4.0 + 3.0, 3.0]]))


def test_an_input_that_does_not_change_or_count_gets_nothing():
    start, end = random(1, 3), random(1, 3, seed=1)
    end[0, 1] = start[0, 1]
    parts = integrate_gradients(lambda x: torch.tanh(x[:, 0] + x[:, 1]), start, end)
    assert parts[0, 1:].tolist() == [0.0, 0.0]
    assert parts[0, 0] != 0


def test_parts_add_up_to_the_difference_for_a_rectified_network_and_few_steps():
    torch.manual_seed(0)
    network = RelationNetwork(16, 0.0).eval()
    start, end = random(5, 16, 16), random(5, 16, 16, seed=1)
    for steps in (2, 64):
        parts = integrate_gradients(network, start, end, steps=steps)
        with torch.no_grad():
            difference = network(end) - network(start)
        torch.testing.assert_close(parts.sum((1, 2)), difference, atol=1e-5, rtol=1e-4)


def test_two_roads_agree():
    """64 midpoints against 4,000, before the rest is shared out."""
    torch.manual_seed(0)
    network = RelationNetwork(16, 0.0).eval()
    start, end = random(2, 16, 16), random(2, 16, 16, seed=1)
    few, many = (integrate_gradients(network, start, end, steps=n) for n in (64, 4000))
    assert (few - many).abs().max() < 0.03 * many.abs().max()


def test_rows_do_not_depend_on_each_other():
    torch.manual_seed(0)
    network = RelationNetwork(4, 0.0).eval()
    start, end = random(3, 4, 4), random(3, 4, 4, seed=1)
    alone = integrate_gradients(network, start[1:2], end[1:2])
    torch.testing.assert_close(integrate_gradients(network, start, end)[1:2], alone)
