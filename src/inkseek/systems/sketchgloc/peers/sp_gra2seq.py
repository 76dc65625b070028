"""SP-gra2seq: patches are joined where they look alike, wherever they lie.

Zang et al., "Linking Sketch Patches by Learning Synonymous Proximity for Graphic Sketch
Representation", AAAI 2023.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from inkseek.systems.sketchgloc.encoder import Encoded
from inkseek.systems.sketchgloc.peers.drawn import PatchEncoder
from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.read_out import ReadOut, spread

CANVAS_SIZE = 640
PATCH_SIZE = 256

SHARES = (1.0, 0.5, 0.2)
"""Factors of the cosines of the most alike, the second and the third; the first is itself."""

TO_WHOLE = 0.5

MOMENTUM = 0.75
"""Of the centroids, at every training step."""


class SynonymEncoder(PatchEncoder):
    r"""Patch network, graph of synonyms, two layers, $\sum_m (H^0 + H^2)_m$, read-out.

    Patches are also pulled to the centroid of their kind; the pull comes back as
    ``Encoded.penalty`` in training. Centroids that no patch of a batch chose stay as they are; in
    the released code they shrink, which their cosines do not notice.
    """

    centroids: Tensor

    def __init__(self, dim: int, code: int, plan: PeerPlan) -> None:
        super().__init__(dim, plan, canvas_size=CANVAS_SIZE, patch_size=PATCH_SIZE, linear_end=True)
        self.first, self.second = (nn.Linear(dim, dim, bias=False) for _ in range(2))
        for layer in (self.first, self.second):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        self.register_buffer("centroids", torch.rand(plan.num_clusters, dim) * 5)
        self.read_out = ReadOut(dim, code)

    def join(
        self,
        seen: Float[Tensor, "present dim"],
        present: Bool[Tensor, "batch node"],
        centres: Float[Tensor, "batch node 2"],
    ) -> Encoded:
        """Patches take from those that look alike, wherever their centres lie."""
        nodes = spread(self.patch_norm(F.relu(seen)), present)
        raw = spread(seen, present)
        gathered = synonym_graph(raw, present) @ nodes
        hidden = F.relu(self.second(F.relu(self.first(gathered))))
        penalty = None
        if self.training:
            penalty = self.plan.cluster_weight * self.pull(raw[:, 1:][present[:, 1:]])
        encoded: Encoded = self.read_out((gathered + hidden).sum(1), penalty)
        return encoded

    def pull(self, patches: Float[Tensor, "patch dim"]) -> Float[Tensor, ""]:
        """Move centroids to the patches nearest in angle; half the mean squared distance left."""
        with torch.no_grad():
            cosines = F.normalize(patches, dim=1) @ F.normalize(self.centroids, dim=1).T
            kind = cosines.argmax(1)
            counts = torch.bincount(kind, minlength=len(self.centroids))
            sums = torch.zeros_like(self.centroids).index_add(0, kind, patches)
            means = sums / counts.clamp(min=1)[:, None]
            moved = MOMENTUM * self.centroids + (1 - MOMENTUM) * means
            self.centroids.copy_(torch.where(counts[:, None] > 0, moved, self.centroids))
            targets = self.centroids[kind].clone()
        return 0.5 * (patches - targets).square().sum(1).mean()


def synonym_graph(
    seen: Float[Tensor, "batch node dim"], present: Bool[Tensor, "batch node"]
) -> Float[Tensor, "batch node node"]:
    """Weights of what a node (row) takes from others; each row of a present node sums to 1.

    A patch takes from the three patches most alike, itself the first, by their cosines times 1,
    0.5 and 0.2, and from node 0, the whole sketch, with 0.5; the whole takes from itself alone.
    Only present patches can be chosen. Negative cosines, which would take away, count as zero;
    the released code divides by sums that they may cancel.
    """
    patch = present.clone()
    patch[:, 0] = False
    both = patch[:, :, None] & patch[:, None, :]
    unit = F.normalize(seen, dim=-1)
    cosines = (unit @ unit.transpose(1, 2)).masked_fill(~both, -torch.inf)
    best, chosen = cosines.topk(min(len(SHARES), present.shape[1]), dim=-1)
    shares = best.new_tensor(SHARES[: best.shape[-1]])
    weights = torch.where(best.isfinite(), best.clamp(min=0), 0) * shares
    edges = torch.zeros_like(cosines).scatter(-1, chosen, weights) * both
    edges[:, 1:, 0] = TO_WHOLE * patch[:, 1:].float()
    edges[:, 0, 0] = 1
    return edges / edges.sum(-1, keepdim=True).clamp(min=1e-10)
