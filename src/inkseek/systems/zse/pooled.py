r"""A relation network of few parameters, which compares places rather than learning pairs by heart.

Ours; the published one is `relation.RelationNetwork`. From the same matrix $C$ of cosines between
anchors of a sketch and of a photo, each head looks for the photo anchor that a sketch anchor $i$
meets, near its own place, and the other way round:

$$ s_h = \sum_i u_{hi} \sum_j A_{hij} C_{ij}, \quad
   A_{hi\cdot} = \mathrm{softmax}_j(\beta_h C_{ij} + b_h(j - i)), \quad
   u_h = \mathrm{softmax}(a_h) $$

The logit is a weighted sum of these and a bias. The offset tables $b_h$ are shared by all places,
and nothing depends on *what* an anchor shows, so that a category which training never saw is judged
like any other. A perceptron of the whole matrix has a weight for every pair of places instead.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

SPANS = (0.5, 1.5)
"""Standard deviations, in anchors, of the offsets that each head allows at first."""
SHARPNESS = 20.0
"""Of the softmax over cosines, at first."""
CENTRE = 0.25
"""Standard deviation, in sides of the grid, of the weight of anchors about the middle at first."""
START_SCALE = 7.0
"""Of all heads together, and of the cosine of retrieval tokens, at first."""


class PooledRelation(nn.Module):
    """A matrix of cosines to the logit of the relation score, by soft matches of near places."""

    def __init__(self, anchors: int) -> None:
        super().__init__()
        grid, heads = math.isqrt(anchors), 2 * len(SPANS)
        spans = torch.tensor(SPANS).repeat(2)
        step = torch.arange(1.0 - grid, grid)
        offset = step[:, None].square() + step[None, :].square()
        self.offsets = nn.Parameter(-offset.flatten() / (2 * spans[:, None].square()))
        middle = torch.arange(grid) - (grid - 1) / 2
        radius = (middle[:, None].square() + middle[None, :].square()).flatten()
        self.places = nn.Parameter((-radius / (2 * (CENTRE * grid) ** 2)).repeat(heads, 1))
        self.log_sharpness = nn.Parameter(torch.full((heads,), math.log(SHARPNESS)))
        self.weight = nn.Parameter(torch.full((heads,), START_SCALE / heads))
        # A pair whose cosines are middling, both by places and by retrieval tokens, is undecided.
        self.bias = nn.Parameter(torch.tensor(-START_SCALE))
        row = torch.arange(grid)[:, None] - torch.arange(grid) + grid - 1
        index = row[:, None, :, None] * (2 * grid - 1) + row[None, :, None, :]
        self.index: Tensor
        self.register_buffer("index", index.reshape(anchors, anchors), persistent=False)

    def forward(self, cosines: Float[Tensor, "pairs anchors anchors"]) -> Float[Tensor, " pairs"]:
        """The first half of the heads asks for each sketch anchor, the second for each photo's."""
        by_head = []
        for head in range(len(self.weight)):
            asked = cosines if head < len(SPANS) else cosines.transpose(1, 2)
            near = self.offsets[head][self.index]
            match = (self.log_sharpness[head].exp() * asked + near).softmax(dim=2)
            by_head.append((match * asked).sum(dim=2) @ self.places[head].softmax(dim=0))
        logit: Tensor = torch.stack(by_head, dim=1) @ self.weight + self.bias
        return logit


class RetrievalCosine(nn.Module):
    """The cosine of retrieval tokens before cross-attention as a logit (ours).

    The relation network then has to learn what the ranking by these tokens misses, and no more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(START_SCALE)))

    def forward(
        self, sketch: Float[Tensor, "pairs dim"], photo: Float[Tensor, "pairs dim"]
    ) -> Float[Tensor, " pairs"]:
        """The scaled cosine of each row with its partner."""
        cosine = (normalize(sketch, dim=1) * normalize(photo, dim=1)).sum(dim=1)
        return self.log_scale.exp() * cosine
