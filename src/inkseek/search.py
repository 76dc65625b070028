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
from inkseek.gallery.store import Gallery, gallery_folder, open_gallery
from inkseek.gallery.unfinished import check_finished
from inkseek.strokes.sketch import Sketch

NUM_RIVALS = 32
"""Nearest photos that share out the confidence of a query, whatever the size of the gallery."""

NUM_JUDGED = 10
"""First hits whose confidences decide together whether anything matches."""

MIN_CANDIDATES = 64
"""Neighbours taken from the gallery at least, so that folding duplicates leaves enough."""


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
            GalleryError: There is no gallery at that URL, or it is being embedded anew.
            GalleryMismatchError: Another model made the gallery.
        """
        encoder = Encoder.load(model)
        gallery = open_gallery(gallery_url, model_digest=encoder.digest, dim=encoder.dim)
        check_finished(gallery_folder(gallery_url))
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
        """The same for an embedding, such as that of a photo: more like this.

        Raises:
            GalleryMismatchError: Another model made the gallery.
        """
        self.gallery.check_model(self.encoder.digest)
        neighbours = self.gallery.search(query, max(3 * k, MIN_CANDIDATES), filters)
        similarity = np.array([n.similarity for n in neighbours], dtype=np.float64)
        confidence = compute_confidence(similarity, self.encoder.card.calibration)
        of_photo = {n.info.photo_id: float(c) for n, c in zip(neighbours, confidence, strict=True)}
        return [_make_hit(group, of_photo) for group in group_near_duplicates(neighbours)[:k]]

    def nothing_matches(self, hits: Sequence[Hit]) -> bool:
        """Whether the photo that was drawn is probably not among these, nor in the gallery."""
        total = sum(hit.confidence for hit in hits[:NUM_JUDGED])
        return total < self.encoder.card.calibration.nothing_below


def compute_confidence(
    similarity: Float64[np.ndarray, " gallery"], calibration: Calibration
) -> Float64[np.ndarray, " gallery"]:
    r"""Probability of each photo to be the one drawn, and with what is left, none of them.

    $$ s_i = \frac{e^{z_i / T}}{e^{z_0 / T} + \sum_{j \le 32} e^{z_j / T}}, \qquad
       p_i = \sigma(a \log \tfrac{s_i}{1 - s_i} + b) $$

    A softmax over the nearest photos with a null answer of similarity $z_0$, then Platt's scaling
    (1999, equation 2). All four numbers are fitted on validation sketches, with and without their
    photo in the gallery (`report.confidence`). Should the $p_i$ add up to more than 1, they are
    divided by their sum.

    Args:
        similarity: In descending order.
        calibration: From the model's card.
    """
    logits = similarity / calibration.temperature
    null = calibration.null_similarity / calibration.temperature
    top = max(null, float(logits.max(initial=-np.inf)))
    total = np.exp(null - top) + np.exp(logits[:NUM_RIVALS] - top).sum()
    shares = np.clip(np.exp(logits - top) / total, 1e-12, 1 - 1e-12)
    odds = calibration.slope * np.log(shares / (1 - shares)) + calibration.bias
    confidence: Float64[np.ndarray, " gallery"] = 1 / (1 + np.exp(-odds))
    return confidence / max(1.0, float(confidence.sum()))


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
