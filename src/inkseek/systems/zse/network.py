"""The whole network: images to tokens, and pairs of token sequences to a relation score."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from inkseek.models.attention import CrossAttention
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.convnet import ConvnetTrunk
from inkseek.systems.zse.pooled import PooledRelation, RetrievalCosine
from inkseek.systems.zse.relation import Anchors, RelationNetwork, cosine_matrix
from inkseek.systems.zse.tokenizer import Encoded
from inkseek.systems.zse.vit import VitTrunk


@dataclass(frozen=True, eq=False)
class Match:
    """What came of pairs of a sketch and a photo.

    Attributes:
        logit: Of the relation score; large when alike.
        sketch: Retrieval token of the sketch after it met this photo.
        photo: Retrieval token of the photo after it met this sketch.
        cosines: Between anchors of the sketch (rows) and of the photo.
    """

    logit: Float[Tensor, " pairs"]
    sketch: Float[Tensor, "pairs dim"]
    photo: Float[Tensor, "pairs dim"]
    cosines: Float[Tensor, "pairs anchors anchors"]

    def to_float(self) -> "Match":
        """The same in single precision, for losses."""
        return Match(*(part.float() for part in vars(self).values()))


class ZseNetwork(nn.Module):
    """One trunk for both modalities, cross-attention for each, one relation network.

    The released code registers a copy of the cross-attention that nothing uses; without it the
    published network has 98,240,536 parameters.
    """

    def __init__(self, config: NetworkConfig, *, load: bool = True) -> None:
        super().__init__()
        self.config = config
        self.trunk: VitTrunk | ConvnetTrunk = (
            VitTrunk(config, load=load)
            if config.trunk == "vit"
            else ConvnetTrunk(config, load=load)
        )
        self.sketch_attention, self.photo_attention = (
            CrossAttention(
                config.dim,
                heads=config.cross_heads,
                hidden=config.cross_hidden,
                dropout=config.dropout,
            )
            for _ in range(2)
        )
        self.anchors = Anchors(config)
        self.relation: RelationNetwork | PooledRelation
        self.retrieval: RetrievalCosine | None = None
        if config.relation == "pooled":
            self.relation, self.retrieval = PooledRelation(config.anchors), RetrievalCosine()
            self.sketch_attention.start_as_identity()
            self.photo_attention.start_as_identity()
        else:
            self.relation = RelationNetwork(config.anchors, config.dropout)

    def forward(self, image: Float[Tensor, "batch 3 height width"]) -> Encoded:
        """Sketches or photos, with values in [-1, 1], as tokens."""
        encoded: Encoded = self.trunk(image)
        return encoded

    def match(
        self,
        sketch: Float[Tensor, "query tokens dim"],
        photo: Float[Tensor, "gallery tokens dim"],
        rows: Int64[Tensor, " pairs"],
        columns: Int64[Tensor, " pairs"],
    ) -> Match:
        """Meet sketch ``rows[i]`` with photo ``columns[i]``.

        Projections depend on one image alone and are made once for each, however many it meets.
        """
        own, other = self.sketch_attention, self.photo_attention
        met_sketch = own.attend(
            own.query(sketch)[rows], own.key(photo)[columns], own.value(sketch)[rows], sketch[rows]
        )
        met_photo = other.attend(
            other.query(photo)[columns],
            other.key(sketch)[rows],
            other.value(photo)[columns],
            photo[columns],
        )
        cosines = cosine_matrix(self.anchors(met_sketch[:, 1:]), self.anchors(met_photo[:, 1:]))
        logit = self.relation(cosines)
        if self.retrieval is not None:
            logit = logit + self.retrieval(sketch[rows, 0], photo[columns, 0])
        return Match(logit, met_sketch[:, 0], met_photo[:, 0], cosines)


def match_in_order(network: ZseNetwork, sketch: Encoded, photo: Encoded) -> Match:
    """Meet each sketch with the photo of its own row."""
    rows = torch.arange(len(sketch), device=sketch.tokens.device)
    return network.match(sketch.tokens, photo.tokens, rows, rows)
