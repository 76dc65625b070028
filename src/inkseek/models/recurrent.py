"""Recurrent cells as Ha & Eck 2018 use them, and two ways to run one over sequences.

A cell is in two halves, since only one of them must wait for the step before: `project` takes all
inputs of a sequence at once, `step` adds what depends on the state. Gates stand in the order
input, candidate, forget, output. The forget gate has 1 added; kernels on the state start
orthogonal, gate by gate.
"""

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor, nn

State = tuple[Tensor, ...]
"""What a cell remembers, each ``(batch, size)``; the first is its output."""

NORM_EPSILON = 1e-3
"""As in the layer norms of the sketch-rnn code."""


class Cell(nn.Module, ABC):
    """What every cell has.

    Attributes:
        input_size: Numbers a step reads.
        num_units: Numbers a step says.
        state_sizes: Widths of the parts of its state.
        dropout_size: Width of its recurrent dropout mask.
    """

    input_size: int
    num_units: int
    state_sizes: tuple[int, ...]
    dropout_size: int

    @abstractmethod
    def project(self, inputs: Float[Tensor, "*batch input"]) -> Float[Tensor, "*batch width"]:
        """The part of a step that depends on its input alone."""

    @abstractmethod
    def step(
        self,
        projected: Float[Tensor, "batch width"],
        state: State,
        mask: Float[Tensor, "batch dropout"] | None = None,
    ) -> State:
        """One step.

        Args:
            projected: By `project`.
            state: Before the step.
            mask: Recurrent dropout (Semeniuta et al. 2016): factors of the candidates, so that
                what is remembered already is never erased.
        """

    def start(self, like: Tensor, batch: int) -> State:
        """A state of zeros."""
        return tuple(like.new_zeros(batch, size) for size in self.state_sizes)


class LSTMCell(Cell):
    """Hochreiter & Schmidhuber 1997 with forget gates, one bias and no norms.

    Attributes:
        gate_norm: What is done to the gates of a step.
        memory_norm: What is done to the memory on its way to the output.
    """

    gate_norm: nn.Module
    memory_norm: nn.Module

    def __init__(self, input_size: int, num_units: int, *, bias: bool = True) -> None:
        super().__init__()
        self.input_size, self.num_units = input_size, num_units
        self.state_sizes, self.dropout_size = (num_units, num_units), num_units
        self.from_input = nn.Linear(input_size, 4 * num_units, bias=bias)
        self.from_state = nn.Linear(num_units, 4 * num_units, bias=False)
        self.gate_norm, self.memory_norm = nn.Identity(), nn.Identity()
        nn.init.xavier_uniform_(self.from_input.weight)
        if bias:
            nn.init.zeros_(self.from_input.bias)
        orthogonal_gates(self.from_state.weight)

    def project(self, inputs: Float[Tensor, "*batch input"]) -> Float[Tensor, "*batch width"]:
        """Gates before the state is known."""
        gates: Tensor = self.from_input(inputs)
        return gates

    def step(
        self,
        projected: Float[Tensor, "batch width"],
        state: State,
        mask: Float[Tensor, "batch dropout"] | None = None,
    ) -> State:
        """Output and memory."""
        gates = self.gate_norm(projected + self.from_state(state[0]))
        memory, output_gate = remember(gates, state[1], mask)
        return output_gate * torch.tanh(self.memory_norm(memory)), memory


class GateNorm(nn.Module):
    """Layer norm of each of the four gates for itself."""

    def __init__(self, num_units: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4 * num_units))
        self.bias = nn.Parameter(torch.zeros(4 * num_units))

    def forward(self, gates: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Mean 0 and variance 1 a gate, then scale and shift."""
        by_gate = gates.view(len(gates), 4, -1)
        normed = F.layer_norm(by_gate, by_gate.shape[-1:], eps=NORM_EPSILON)
        return torch.addcmul(self.bias, normed.flatten(1), self.weight)


class LayerNormLSTMCell(LSTMCell):
    """An LSTM whose gates and memory are normalised (Ba et al. 2016, section 3.1); no bias.

    As in the sketch-rnn code, the sum of both projections is normalised, not each.
    """

    def __init__(self, input_size: int, num_units: int) -> None:
        super().__init__(input_size, num_units, bias=False)
        self.gate_norm = GateNorm(num_units)
        self.memory_norm = nn.LayerNorm(num_units, eps=NORM_EPSILON)


def remember(
    gates: Float[Tensor, "batch width"],
    memory: Float[Tensor, "batch units"],
    mask: Float[Tensor, "batch units"] | None,
) -> tuple[Float[Tensor, "batch units"], Float[Tensor, "batch units"]]:
    """New memory and the open output gate of an LSTM, from its four gates."""
    entry, candidate, forget, output = gates.chunk(4, dim=1)
    candidate = torch.tanh(candidate)
    if mask is not None:
        candidate = candidate * mask
    memory = torch.addcmul(torch.sigmoid(forget + 1) * memory, torch.sigmoid(entry), candidate)
    return memory, torch.sigmoid(output)


def orthogonal_gates(weight: Tensor) -> None:
    """Start the kernel of each of four gates as a random rotation."""
    for gate in weight.data.chunk(4, dim=0):
        nn.init.orthogonal_(gate)


def dropout_masks(
    shape: tuple[int, ...], keep: float, generator: torch.Generator | None
) -> Float[Tensor, "..."] | None:
    """Factors 0 or 1/keep; ``None`` where everything is kept."""
    if keep >= 1 or generator is None:
        return None
    return torch.empty(shape, device=generator.device).bernoulli_(keep, generator=generator) / keep


def unroll(
    cell: Cell,
    inputs: Float[Tensor, "batch length input"],
    state: State,
    *,
    keep: float = 1.0,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "batch length units"]:
    """All outputs over sequences of one length; ``generator`` switches recurrent dropout on."""
    projected = cell.project(inputs.transpose(0, 1)).unbind(0)
    shape = (len(projected), inputs.shape[0], cell.dropout_size)
    masks = dropout_masks(shape, keep, generator)
    outputs = []
    for t, part in enumerate(projected):
        state = cell.step(part, state, None if masks is None else masks[t])
        outputs.append(state[0])
    return torch.stack(outputs, dim=1)


def read_ends(
    cell: Cell,
    inputs: Float[Tensor, "batch length input"],
    lengths: Int64[Tensor, " batch"],
    *,
    keep: float = 1.0,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "batch units"]:
    """The output after the last step of each sequence; zero for one of no length.

    Sequences are sorted and leave when they end, so padding costs nothing.
    """
    order = lengths.argsort(descending=True, stable=True)
    inputs = inputs[order]
    steps = torch.arange(inputs.shape[1], device=lengths.device)
    counts = (lengths[:, None] > steps).sum(0).tolist()
    masks = dropout_masks((len(counts), len(order), cell.dropout_size), keep, generator)
    state = cell.start(inputs, len(order))
    ended = []
    for t, count in enumerate(counts):
        if count < len(state[0]):
            ended.append(state[0][count:])
            state = tuple(part[:count] for part in state)
        if count == 0:
            break
        mask = None if masks is None else masks[t, :count]
        state = cell.step(cell.project(inputs[:count, t]), state, mask)
    ended.append(state[0])
    return torch.cat(ended[::-1])[order.argsort()]


def reverse(
    inputs: Float[Tensor, "batch length input"], lengths: Int64[Tensor, " batch"]
) -> Float[Tensor, "batch length input"]:
    """Each sequence from its last step to its first; what stands in the padding is undefined."""
    steps = torch.arange(inputs.shape[1], device=lengths.device)
    places = (lengths[:, None] - 1 - steps).clamp(min=0)
    return inputs.gather(1, places[..., None].expand_as(inputs))
