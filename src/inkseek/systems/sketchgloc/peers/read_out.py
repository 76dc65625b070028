"""From what a graph network sums up to the posterior of a code: the same in all graph peers."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from inkseek.systems.sketchgloc.encoder import Encoded, posterior_layers


class ReadOut(nn.Module):
    """Batch norm, tanh, mean and log variance, as SketchGloc has them too."""

    def __init__(self, dim: int, code: int) -> None:
        super().__init__()
        self.norm, self.to_mean, self.to_log_variance = posterior_layers(dim, code)

    def forward(
        self, summed: Float[Tensor, "batch dim"], penalty: Float[Tensor, ""] | None = None
    ) -> Encoded:
        """The posterior; ``penalty`` is handed on."""
        hidden = torch.tanh(self.norm(summed))
        return Encoded(self.to_mean(hidden), self.to_log_variance(hidden), penalty)


def spread(
    rows: Float[Tensor, "present dim"], present: Bool[Tensor, "batch nodes"]
) -> Float[Tensor, "batch nodes dim"]:
    """Rows of the nodes that exist to their places; absent nodes are zero."""
    nodes = rows.new_zeros(*present.shape, rows.shape[1])
    nodes[present] = rows
    return nodes
