"""A code to a sketch, point by point, in absolute places."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkseek.losses.mixture import Spread, mixture_size, sample_mixture, split_mixture
from inkseek.models.recurrent import Cell, State, dropout_masks, unroll

ROW = 5
"""(x, y, down, up, end)."""

START_ROW = (0.0, 0.0, 1.0, 0.0, 0.0)

END = 4


class SketchDecoder(nn.Module):
    """A recurrent cell that starts from the code and sees it again at every step.

    Attributes:
        keep: Share kept by recurrent dropout.
        keep_input: Share kept of the input.
        keep_output: Share kept of the cell's output.
    """

    def __init__(
        self,
        cell: Cell,
        code: int,
        num_mixture: int,
        *,
        keep: float = 1.0,
        keep_input: float = 1.0,
        keep_output: float = 1.0,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.keep, self.keep_input, self.keep_output = keep, keep_input, keep_output
        self.to_state = nn.Linear(code, sum(cell.state_sizes))
        self.to_mixture = nn.Linear(cell.num_units, mixture_size(num_mixture))
        nn.init.normal_(self.to_state.weight, std=0.001)
        nn.init.zeros_(self.to_state.bias)
        nn.init.xavier_uniform_(self.to_mixture.weight)
        nn.init.zeros_(self.to_mixture.bias)

    def start(self, code: Float[Tensor, "batch code"]) -> State:
        """The state before the first step."""
        return torch.split(torch.tanh(self.to_state(code)), list(self.cell.state_sizes), dim=1)

    def forward(
        self,
        code: Float[Tensor, "batch code"],
        target: Float[Tensor, "batch length 5"],
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch length numbers"]:
        """What is said of each row of the target, knowing the rows before it.

        A generator switches dropout on.
        """
        first = target.new_tensor(START_ROW).expand(len(target), 1, ROW)
        previous = torch.cat([first, target[:, :-1]], dim=1)
        inputs = torch.cat([previous, code[:, None].expand(-1, target.shape[1], -1)], dim=2)
        inputs = _drop(inputs, self.keep_input, generator)
        outputs = unroll(self.cell, inputs, self.start(code), keep=self.keep, generator=generator)
        raw: Tensor = self.to_mixture(_drop(outputs, self.keep_output, generator))
        return raw

    @torch.no_grad()
    def draw(
        self,
        code: Float[Tensor, "batch code"],
        *,
        max_points: int,
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
        spread: Spread = "deviation",
    ) -> Float[Tensor, "batch length 5"]:
        """Rows of each sketch, each drawn knowing those before; zeros and `end` after its end.

        Args:
            code: One row a sketch.
            max_points: Where a sketch ends that does not end itself.
            temperature: See `losses.mixture.sample_mixture`; 0 is greedy.
            generator: Source of randomness above temperature 0.
            spread: What temperature multiplies.
        """
        state = self.start(code)
        row = code.new_tensor(START_ROW).expand(len(code), ROW)
        ended = code.new_zeros(len(code), dtype=torch.bool)
        closing = code.new_zeros(ROW)
        closing[END] = 1
        rows = []
        for _ in range(max_points):
            projected = self.cell.project(torch.cat([row, code], dim=1))
            state = self.cell.step(projected, state)
            mixture = split_mixture(self.to_mixture(state[0]))
            row = sample_mixture(
                mixture, temperature=temperature, generator=generator, spread=spread
            )
            ended = ended | (row[:, END] == 1)
            row = torch.where(ended[:, None], closing, row)
            rows.append(row)
            if bool(ended.all()):
                break
        return torch.stack(rows, dim=1)


def _drop(values: Tensor, keep: float, generator: torch.Generator | None) -> Tensor:
    masks = dropout_masks(tuple(values.shape), keep, generator)
    return values if masks is None else values * masks
