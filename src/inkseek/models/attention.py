r"""Cross-attention between two token sequences of equal length.

After "Zero-Shot Everything Sketch-Based Image Retrieval" (CVPR 2023): each side keeps its own
queries, values and residual, and takes its keys from the other side. Token $i$ of one side thus
decides which of its own tokens to gather by asking the *other* side's tokens at the same places,
which is why both sequences must be of one length.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from inkseek.errors import ModelError


class CrossAttention(nn.Module):
    r"""One layer: $x' = \mathrm{LN}(x + A)$, then $\mathrm{LN}(x' + \mathrm{FFN}(x'))$.

    $A = \mathrm{softmax}(Q K^\top / \sqrt{d_k}) V$ with $Q$, $V$ from a side's own tokens and $K$
    from the other side's. The residual is the tokens that the values come from, normalisation
    follows it (post-norm), and the feed-forward part uses ReLU.

    The released code normalises by the unbiased standard deviation with epsilon outside of the
    root; this is the usual layer norm, of the same parameters.
    """

    def __init__(self, dim: int, *, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        if dim % heads:
            raise ModelError(f"{heads} heads do not divide a width of {dim}")
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.feed_forward = nn.Sequential(
            nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, dim)
        )
        self.feed_forward_norm = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)

    def start_as_identity(self) -> None:
        """Let both parts add nothing at first: tokens leave normalised and otherwise as they came.

        Not in the paper. What they add is learnt all the same, since the gradient of a last layer
        does not depend on its weights.
        """
        last: tuple[Any, ...] = (self.out, self.feed_forward[-1])
        for layer in last:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        own: Float[Tensor, "batch tokens dim"],
        other: Float[Tensor, "batch tokens dim"],
    ) -> Float[Tensor, "batch tokens dim"]:
        """The own tokens after looking at the other's."""
        return self.attend(self.query(own), self.key(other), self.value(own), own)

    def attend(
        self,
        query: Float[Tensor, "batch tokens dim"],
        key: Float[Tensor, "batch tokens dim"],
        value: Float[Tensor, "batch tokens dim"],
        own: Float[Tensor, "batch tokens dim"],
    ) -> Float[Tensor, "batch tokens dim"]:
        """`forward` from projections that many pairs share."""
        gathered = scaled_dot_product_attention(
            self._split(query), self._split(key), self._split(value)
        )
        merged = gathered.transpose(1, 2).flatten(2)
        own = self.norm(own + self.dropout(self.out(merged)))
        met: Tensor = self.feed_forward_norm(own + self.dropout(self.feed_forward(own)))
        return met

    def weights(
        self,
        own: Float[Tensor, "batch tokens dim"],
        other: Float[Tensor, "batch tokens dim"],
    ) -> Float[Tensor, "batch heads tokens tokens"]:
        """How much of each token every token gathers; rows add up to 1."""
        query, key = self._split(self.query(own)), self._split(self.key(other))
        return torch.softmax(query @ key.transpose(2, 3) / query.shape[-1] ** 0.5, dim=-1)

    def _split(
        self, tokens: Float[Tensor, "batch tokens dim"]
    ) -> Float[Tensor, "batch heads tokens head_dim"]:
        batch, count, dim = tokens.shape
        return tokens.reshape(batch, count, self.heads, dim // self.heads).transpose(1, 2)
