"""HyperLSTM (Ha, Dai & Le 2017, "HyperNetworks", section 3.2 and appendix A.2.3).

A small LSTM reads the same input and the state of the main one, and says at each step how the
gates of the main one are scaled and shifted: weights that change over time, at the price of a few
narrow products. All twelve of those (a scale for each gate's input and state part, a shift for
each gate) are one batched product here.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from inkseek.models.recurrent import (
    NORM_EPSILON,
    Cell,
    GateNorm,
    LayerNormLSTMCell,
    State,
    orthogonal_gates,
    remember,
)

START_SCALE = 0.1
"""Of every gate at the start (Cooijmans et al. 2016, section 4.1)."""

NUM_SCALES = 8
"""Four gates, from the input and from the state."""

NUM_SHIFTS = 4


class HyperLSTMCell(Cell):
    """A layer-normalised LSTM with gates that a smaller one modulates.

    Its state is output and memory, then output and memory of the smaller cell.
    """

    def __init__(
        self, input_size: int, num_units: int, *, hyper_units: int = 256, embedding_size: int = 32
    ) -> None:
        super().__init__()
        self.input_size, self.num_units = input_size, num_units
        self.state_sizes = (num_units, num_units, hyper_units, hyper_units)
        self.dropout_size = num_units + hyper_units
        self.from_input = nn.Linear(input_size, 4 * num_units, bias=False)
        self.from_state = nn.Linear(num_units, 4 * num_units, bias=False)
        self.bias = nn.Parameter(torch.zeros(4 * num_units))
        self.hyper = LayerNormLSTMCell(input_size + num_units, hyper_units)
        self.scale_embedding = nn.Linear(hyper_units, NUM_SCALES * embedding_size)
        self.shift_embedding = nn.Linear(hyper_units, NUM_SHIFTS * embedding_size, bias=False)
        self.scales = nn.Parameter(torch.empty(NUM_SCALES, embedding_size, num_units))
        self.shifts = nn.Parameter(torch.zeros(NUM_SHIFTS, embedding_size, num_units))
        self.gate_norm = GateNorm(num_units)
        self.memory_norm = nn.LayerNorm(num_units, eps=NORM_EPSILON)
        nn.init.xavier_uniform_(self.from_input.weight)
        orthogonal_gates(self.from_state.weight)
        # At the start the scales are constant and the shifts are zero.
        nn.init.zeros_(self.scale_embedding.weight)
        nn.init.ones_(self.scale_embedding.bias)
        nn.init.normal_(self.shift_embedding.weight, std=0.01)
        nn.init.constant_(self.scales, START_SCALE / embedding_size)

    def project(self, inputs: Float[Tensor, "*batch input"]) -> Float[Tensor, "*batch width"]:
        """Gates of the main cell, then those of the smaller, before their states are known."""
        weight = self.hyper.from_input.weight[:, : self.input_size]
        return torch.cat([self.from_input(inputs), F.linear(inputs, weight)], dim=-1)

    def step(
        self,
        projected: Float[Tensor, "batch width"],
        state: State,
        mask: Float[Tensor, "batch dropout"] | None = None,
    ) -> State:
        """The smaller cell steps first, then the main one with the gates it was told."""
        output, memory, *hyper_state = state
        width = 4 * self.num_units
        gates, hyper_gates = projected[:, :width], projected[:, width:]
        hyper_mask = None if mask is None else mask[:, self.num_units :]
        from_output = F.linear(output, self.hyper.from_input.weight[:, self.input_size :])
        told = self.hyper.step(hyper_gates + from_output, tuple(hyper_state), hyper_mask)
        scale_input, scale_state, shift = self._modulate(told[0])
        gates = torch.addcmul(shift + self.bias, gates, scale_input)
        gates = torch.addcmul(gates, self.from_state(output), scale_state)
        main_mask = None if mask is None else mask[:, : self.num_units]
        memory, output_gate = remember(self.gate_norm(gates), memory, main_mask)
        return output_gate * torch.tanh(self.memory_norm(memory)), memory, *told

    def _modulate(
        self, told: Float[Tensor, "batch hyper"]
    ) -> tuple[
        Float[Tensor, "batch width"], Float[Tensor, "batch width"], Float[Tensor, "batch width"]
    ]:
        """Scales of the gates' input and state parts, and their shifts."""
        embedded = torch.cat([self.scale_embedding(told), self.shift_embedding(told)], dim=1)
        by_part = embedded.view(len(told), NUM_SCALES + NUM_SHIFTS, -1).transpose(0, 1)
        values = torch.bmm(by_part, torch.cat([self.scales, self.shifts]))
        scale_input, scale_state, shift = values.transpose(0, 1).flatten(1).chunk(3, dim=1)
        return scale_input, scale_state, shift
