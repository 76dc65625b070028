"""Strokes and their nine relations to one code (Wang et al. 2024, section 3)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor, nn

from inkseek.models.recurrent import Cell, read_ends, reverse
from inkseek.systems.sketchgloc.graphs import NUM_CELLS


@dataclass(frozen=True, eq=False)
class Encoded:
    """The posterior of a code: independent normals.

    Attributes:
        mean: Of each number.
        log_variance: Of each number.
        penalty: What an encoder adds to the loss in training, if it does.
    """

    mean: Float[Tensor, "batch code"]
    log_variance: Float[Tensor, "batch code"]
    penalty: Float[Tensor, ""] | None = None

    def sample(self, generator: torch.Generator | None) -> Float[Tensor, "batch code"]:
        """A random code; the mean itself without a generator."""
        if generator is None:
            return self.mean
        noise = torch.randn(self.mean.shape, generator=generator, device=generator.device)
        return self.mean + torch.exp(self.log_variance / 2) * noise


def posterior_layers(dim: int, code: int) -> tuple[nn.BatchNorm1d, nn.Linear, nn.Linear]:
    """Batch norm, and the maps from its tanh to mean and log variance."""
    # A decay of 0.9 there is a momentum of 0.1 here.
    norm = nn.BatchNorm1d(dim, eps=1e-5, momentum=0.1)
    to_mean, to_log_variance = (nn.Linear(dim, code) for _ in range(2))
    for layer in (to_mean, to_log_variance):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    return norm, to_mean, to_log_variance


class StrokeEncoder(nn.Module):
    """Reads each stroke in both directions and joins the last outputs."""

    def __init__(self, forward_cell: Cell, backward_cell: Cell, *, keep: float) -> None:
        super().__init__()
        self.forward_cell, self.backward_cell = forward_cell, backward_cell
        self.keep = keep

    def forward(
        self,
        points: Float[Tensor, "node length 2"],
        lengths: Int64[Tensor, " node"],
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "node dim"]:
        """One row a stroke; a generator switches recurrent dropout on."""
        there = read_ends(self.forward_cell, points, lengths, keep=self.keep, generator=generator)
        back = read_ends(
            self.backward_cell,
            reverse(points, lengths),
            lengths,
            keep=self.keep,
            generator=generator,
        )
        return torch.cat([there, back], dim=1)


class GridGraphs(nn.Module):
    r"""A two-layer graph network for each relation; only the first layer looks at neighbours.

    $$ H^0_g = A_g V, \quad H^1_g = \mathrm{ReLU}(H^0_g W^1_g), \quad
       H^2_g = \mathrm{ReLU}(H^1_g W^2_g), \quad
       h = \tfrac12 \sum_m \sum_g (H^0_g + H^2_g)_m $$

    As ablations, all relations may be merged into one graph, and rows of $A_g$ divided by their
    sums, which keeps activations from growing with the number of strokes.
    """

    def __init__(self, dim: int, *, merged: bool = False, normalise: bool = False) -> None:
        super().__init__()
        self.merged, self.normalise = merged, normalise
        num_graphs = 1 if merged else NUM_CELLS
        self.first = nn.Parameter(torch.empty(num_graphs, dim, dim))
        self.second = nn.Parameter(torch.empty(num_graphs, dim, dim))
        for kernels in (self.first, self.second):
            for kernel in kernels.data:
                nn.init.xavier_uniform_(kernel)

    def forward(
        self,
        nodes: Float[Tensor, "batch node dim"],
        lengths: Int64[Tensor, "batch node"],
        localisation: Float[Tensor, "batch node node 9"],
    ) -> Float[Tensor, "batch dim"]:
        """The graph code before normalisation."""
        adjacency = localisation.amax(-1, keepdim=True) if self.merged else localisation
        adjacency = adjacency.permute(3, 0, 1, 2)
        if self.normalise:
            adjacency = adjacency / adjacency.sum(-1, keepdim=True).clamp(min=1)
        # Rows without a stroke stay zero in every layer, so they are left out of the products.
        batch, node = lengths.nonzero(as_tuple=True)
        gathered = torch.matmul(adjacency, nodes)[:, batch, node]
        hidden = F.relu(torch.bmm(gathered, self.first))
        hidden = F.relu(torch.bmm(hidden, self.second))
        rows = (gathered + hidden).sum(0) / 2
        return nodes.new_zeros(nodes.shape[0], nodes.shape[2]).index_add(0, batch, rows)


class SketchEncoder(nn.Module):
    """Strokes, graphs, batch norm and tanh, posterior."""

    def __init__(self, strokes: StrokeEncoder, graphs: GridGraphs, *, dim: int, code: int) -> None:
        super().__init__()
        self.strokes, self.graphs = strokes, graphs
        self.norm, self.to_mean, self.to_log_variance = posterior_layers(dim, code)

    def forward(
        self,
        points: Float[Tensor, "batch node length 2"],
        lengths: Int64[Tensor, "batch node"],
        localisation: Float[Tensor, "batch node node 9"],
        generator: torch.Generator | None = None,
    ) -> Encoded:
        """Encode a batch as `graphs.NodeBatch` holds it."""
        present = lengths > 0
        read = self.strokes(points[present], lengths[present], generator)
        nodes = read.new_zeros(*lengths.shape, read.shape[1])
        nodes[present] = read
        hidden = torch.tanh(self.norm(self.graphs(nodes, lengths, localisation)))
        return Encoded(self.to_mean(hidden), self.to_log_variance(hidden))
