import pytest
import torch
from torch import nn

from inkseek.models.recurrent import (
    LayerNormLSTMCell,
    LSTMCell,
    dropout_masks,
    read_ends,
    reverse,
    unroll,
)

CELLS = [LSTMCell, LayerNormLSTMCell]
LENGTHS = torch.tensor([3, 0, 5, 1, 5])


@pytest.fixture
def inputs():
    return torch.randn(5, 5, 2, generator=torch.Generator().manual_seed(0))


def make(kind):
    torch.manual_seed(1)
    cell = kind(2, 4)
    for parameter in cell.parameters():
        nn.init.normal_(parameter, std=0.5)
    return cell


def test_lstm_agrees_with_torch(inputs):
    cell = make(LSTMCell)
    oracle = nn.LSTM(2, 4, batch_first=True)
    # Torch has the order input, forget, candidate, output, and adds nothing to the forget gate.
    order = torch.cat([torch.arange(4) + 4 * k for k in (0, 2, 1, 3)])
    with torch.no_grad():
        oracle.weight_ih_l0.copy_(cell.from_input.weight[order])
        oracle.weight_hh_l0.copy_(cell.from_state.weight[order])
        oracle.bias_ih_l0.copy_(cell.from_input.bias[order])
        oracle.bias_hh_l0.zero_()
        oracle.bias_hh_l0[4:8] = 1
    expected, _ = oracle(inputs)
    torch.testing.assert_close(unroll(cell, inputs, cell.start(inputs, 5)), expected)


def test_layer_norm_cell_agrees_with_loops():
    cell = make(LayerNormLSTMCell)
    x, h, c = torch.randn(1, 2), torch.randn(1, 4), torch.randn(1, 4)
    gates = cell.from_input.weight @ x[0] + cell.from_state.weight @ h[0]

    def norm(values, scale, shift):
        deviation = (values.var(unbiased=False) + 1e-3).sqrt()
        return (values - values.mean()) / deviation * scale + shift

    parts = [
        norm(gates[k : k + 4], cell.gate_norm.weight[k : k + 4], cell.gate_norm.bias[k : k + 4])
        for k in (0, 4, 8, 12)
    ]
    memory = c[0] * torch.sigmoid(parts[2] + 1) + torch.sigmoid(parts[0]) * torch.tanh(parts[1])
    normed = norm(memory, cell.memory_norm.weight, cell.memory_norm.bias)
    output, new_memory = cell.step(cell.project(x), (h, c))
    torch.testing.assert_close(new_memory[0], memory)
    torch.testing.assert_close(output[0], torch.sigmoid(parts[3]) * torch.tanh(normed))


@pytest.mark.parametrize("kind", CELLS)
def test_sequences_of_any_length_end_as_each_does_alone(kind, inputs):
    cell = make(kind)
    together = read_ends(cell, inputs, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        if length == 0:
            assert (together[row] == 0).all()
        else:
            alone = unroll(cell, inputs[row : row + 1, :length], cell.start(inputs, 1))
            torch.testing.assert_close(together[row], alone[0, -1])


def test_padding_is_never_read(inputs):
    cell = make(LSTMCell)
    dirty = inputs.clone()
    dirty[torch.arange(5) >= LENGTHS[:, None]] = torch.nan
    assert torch.equal(read_ends(cell, dirty, LENGTHS), read_ends(cell, inputs, LENGTHS))


def test_reversing_keeps_to_the_length(inputs):
    reversed_ = reverse(inputs, LENGTHS)
    assert torch.equal(reversed_[0, :3], inputs[0, :3].flip(0))
    assert torch.equal(reversed_[2], inputs[2].flip(0))


def test_masks_keep_the_mean_and_follow_the_generator():
    masks = [dropout_masks((200, 200), 0.9, torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*masks)
    assert masks[0].mean().item() == pytest.approx(1, abs=0.01)
    assert dropout_masks((2,), 0.9, None) is None
    assert dropout_masks((2,), 1.0, torch.Generator()) is None


def test_dropout_leaves_the_memory_alone():
    cell = make(LSTMCell)
    x, state = torch.randn(1, 2), (torch.zeros(1, 4), torch.ones(1, 4))
    _, memory = cell.step(cell.project(x), state, torch.zeros(1, 4))
    forget = torch.sigmoid(cell.project(x)[:, 8:12] + 1)
    torch.testing.assert_close(memory, forget)


def test_state_kernels_start_as_rotations():
    torch.manual_seed(0)
    for gate in LSTMCell(3, 6).from_state.weight.chunk(4):
        torch.testing.assert_close(gate @ gate.T, torch.eye(6), atol=1e-5, rtol=0)
