import pytest
import torch
from torch import nn

from inkseek.models.hyperlstm import HyperLSTMCell
from inkseek.models.recurrent import unroll


@pytest.fixture
def cell():
    torch.manual_seed(0)
    cell = HyperLSTMCell(3, 5, hyper_units=4, embedding_size=2)
    for parameter in cell.parameters():
        nn.init.normal_(parameter, std=0.5)
    return cell


def norm(values, scale, shift):
    deviation = (values.var(unbiased=False) + 1e-3).sqrt()
    return (values - values.mean()) / deviation * scale + shift


def step_by_gates(cell, x, state):
    """Equations 10 to 13 of the paper, gate after gate."""
    h, c, hyper_h, hyper_c = (part[0] for part in state)
    told = cell.hyper.step(
        cell.hyper.project(torch.cat([x, h])[None]), (hyper_h[None], hyper_c[None])
    )
    gates = []
    for k in range(4):
        rows = slice(5 * k, 5 * k + 5)

        def embed(layer, part):
            rows = slice(2 * part, 2 * part + 2)
            bias = 0 if layer.bias is None else layer.bias[rows]
            return layer.weight[rows] @ told[0][0] + bias

        for_input = embed(cell.scale_embedding, k) @ cell.scales[k]
        for_state = embed(cell.scale_embedding, 4 + k) @ cell.scales[4 + k]
        shift = embed(cell.shift_embedding, k) @ cell.shifts[k]
        gate = for_input * (cell.from_input.weight[rows] @ x)
        gate = gate + for_state * (cell.from_state.weight[rows] @ h) + shift + cell.bias[rows]
        gates.append(norm(gate, cell.gate_norm.weight[rows], cell.gate_norm.bias[rows]))
    memory = c * torch.sigmoid(gates[2] + 1) + torch.sigmoid(gates[0]) * torch.tanh(gates[1])
    normed = norm(memory, cell.memory_norm.weight, cell.memory_norm.bias)
    return torch.sigmoid(gates[3]) * torch.tanh(normed), memory


def test_agrees_with_the_equations_gate_by_gate(cell):
    x = torch.randn(1, 3)
    state = tuple(torch.randn(1, size) for size in cell.state_sizes)
    output, memory, *_ = cell.step(cell.project(x), state)
    expected_output, expected_memory = step_by_gates(cell, x[0], state)
    torch.testing.assert_close(output[0], expected_output)
    torch.testing.assert_close(memory[0], expected_memory)


def test_a_batch_is_its_rows(cell):
    inputs = torch.randn(4, 6, 3)
    together = unroll(cell, inputs, cell.start(inputs, 4))
    for row in range(4):
        alone = unroll(cell, inputs[row : row + 1], cell.start(inputs, 1))
        torch.testing.assert_close(together[row], alone[0])


def test_every_parameter_learns(cell):
    inputs = torch.randn(2, 4, 3)
    unroll(cell, inputs, cell.start(inputs, 2)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in cell.parameters())


def test_gates_start_with_a_constant_scale_and_no_shift():
    cell = HyperLSTMCell(3, 5, hyper_units=4, embedding_size=2)
    scale_input, scale_state, shift = cell._modulate(torch.randn(2, 4))
    torch.testing.assert_close(scale_input, torch.full((2, 20), 0.1))
    torch.testing.assert_close(scale_state, torch.full((2, 20), 0.1))
    assert (shift == 0).all()


def test_has_the_parameters_of_the_released_cell():
    cell = HyperLSTMCell(5 + 128, 512)
    assert sum(p.numel() for p in cell.parameters()) == 2_548_480
