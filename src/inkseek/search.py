"""Sketch to hits: the encoder and a gallery together, with confidence and folded duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.card import Calibration
from inkseek.encoder import Encoder
from inkseek.gallery.duplicates import group_near_duplicates
from inkseek.gallery.filters import Filters
from inkseek.gallery.photos import Neighbour
from inkseek.gallery.store import Gallery, open_gallery
from inkseek.strokes.sketch import Sketch

MIN_CANDIDATES = 64
"""Neighbours that share out the confidence of a query; those behind them hold next to none."""


@dataclass(frozen=True)
class Hit:
    """One photo found.

    Attributes:
        path: The photo's file.
        photo_id: Digest of its content.
        similarity: Cosine of sketch and photo, in [-1, 1].
        confidence: Probability that this is the photo that was drawn.
        duplicates: Files with the same or nearly the same picture, folded into this hit.
    """

    path: str
    photo_id: str
    similarity: float
    confidence: float
    duplicates: tuple[str, ...]


class Searcher:
    """An encoder and the gallery it made."""

    def __init__(self, gallery: Gallery, encoder: Encoder) -> None:
        self.gallery = gallery
        self.encoder = encoder

    @classmethod
    def open(cls, gallery_url: str, model: str | Path = "default") -> "Searcher":
        """Open both.

        Raises:
            GalleryError: There is no gallery at that URL.
            GalleryMismatchError: Another model made the gallery.
        """
        encoder = Encoder.load(model)
        gallery = open_gallery(gallery_url, model_digest=encoder.digest, dim=encoder.dim)
        return cls(gallery, encoder)

    def search(self, sketch: Sketch, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """The ``k`` photos most like a sketch, best first.

        Raises:
            SketchFormatError: The sketch has no strokes.
        """
        return self.search_embedding(self.encoder.embed_sketches([sketch])[0], k, filters)

    def search_embedding(
        self, query: Float32[np.ndarray, " dim"], k: int = 10, filters: Filters | None = None
    ) -> list[Hit]:
        """The same for an embedding, such as that of a photo: more like this."""
        neighbours = self.gallery.search(query, max(3 * k, MIN_CANDIDATES), filters)
        similarity = np.array([n.similarity for n in neighbours], dtype=np.float64)
        confidence = compute_confidence(similarity, self.encoder.card.calibration)
        of_photo = {n.info.photo_id: float(c) for n, c in zip(neighbours, confidence, strict=True)}
        return [_make_hit(group, of_photo) for group in group_near_duplicates(neighbours)[:k]]

    def nothing_matches(self, hits: Sequence[Hit]) -> bool:
        """Whether the photo that was drawn is probably not among these, nor in the gallery."""
        total = sum(hit.confidence for hit in hits)
        return total < self.encoder.card.calibration.nothing_below


def compute_confidence(
    similarity: Float64[np.ndarray, " gallery"], calibration: Calibration
) -> Float64[np.ndarray, " gallery"]:
    r"""Probability of each photo to be the one drawn, and with what is left, none of them.

    $$ p_i = \frac{e^{z_i / T}}{e^{z_0 / T} + \sum_j e^{z_j / T}} $$

    A softmax with a null answer of similarity $z_0$; $T$ and $z_0$ are fitted on validation
    sketches, with and without their photo in the gallery (`metrics.uncertainty` says how well).
    A larger gallery holds more rivals, which lowers every confidence as it should.
    """
    logits = np.append(similarity, calibration.null_similarity) / calibration.temperature
    weights = np.exp(logits - logits.max())
    shares: Float64[np.ndarray, " gallery"] = weights[:-1] / weights.sum()
    return shares


def _make_hit(group: Sequence[Neighbour], confidence: dict[str, float]) -> Hit:
    best = group[0]
    paths = [path for n in group for path in (n.info.path, *n.info.copies)]
    return Hit(
        path=best.info.path,
        photo_id=best.info.photo_id,
        similarity=best.similarity,
        confidence=sum(confidence[n.info.photo_id] for n in group),
        duplicates=tuple(paths[1:]),
    )
