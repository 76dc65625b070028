import pytest
import torch

from inkseek.losses.masked import masked_mean


def test_it_is_the_mean_of_what_is_kept():
    values = torch.tensor([[1.0, 2.0], [4.0, 8.0]])
    kept = torch.tensor([[True, False], [True, True]])
    assert masked_mean(values, kept).item() == pytest.approx(13 / 3)
    assert masked_mean(values, torch.ones_like(kept)).item() == values.mean().item()


def test_nothing_kept_is_zero():
    values = torch.randn(3, requires_grad=True)
    loss = masked_mean(values, torch.zeros(3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(values.grad, torch.zeros(3))


def test_an_infinity_that_is_left_out_changes_nothing():
    values = torch.tensor([1.0, torch.inf], requires_grad=True)
    loss = masked_mean(values, torch.tensor([True, False]))
    loss.backward()
    assert loss.item() == 1
    assert values.grad.tolist() == [1.0, 0.0]
