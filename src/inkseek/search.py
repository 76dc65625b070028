"""Sketch to hits: the encoder and a gallery together, with confidence and folded duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.card import Calibration
from inkseek.encoder import Encoder
from inkseek.feedback import expand_query
from inkseek.gallery.duplicates import group_near_duplicates
from inkseek.gallery.filters import Filters
from inkseek.gallery.photos import Neighbour
from inkseek.gallery.scan import sum_in_doubles
from inkseek.gallery.store import Gallery, gallery_folder, open_gallery
from inkseek.gallery.unfinished import check_finished
from inkseek.strokes.sketch import Sketch

NUM_RIVALS = 32
"""Nearest photos that share out the confidence of a query, whatever the size of the gallery."""

NUM_JUDGED = 10
"""First hits whose confidences decide together whether anything matches."""

NUM_TRUSTED = 10
"""First hits that the drawing alone chooses; those after them may be like these as well."""

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
        self,
        query: Float32[np.ndarray, " dim"],
        k: int = 10,
        filters: Filters | None = None,
        *,
        expand: bool = True,
    ) -> list[Hit]:
        """The same for an embedding, such as that of a photo: more like this.

        Hits after the first `NUM_TRUSTED` are ranked by the drawing and by these together, as if
        they had been liked (`feedback.expand_query`). A drawing says which photo it is, the first
        hits say of what kind. Unlike in the textbook, the first hits stay where they are.

        Args:
            query: Of unit length.
            k: Hits at most.
            filters: What they have to pass.
            expand: ``False`` ranks all of them by the query alone.

        Raises:
            GalleryMismatchError: Another model made the gallery.
        """
        self.gallery.check_model(self.encoder.digest)
        count = max(3 * k, MIN_CANDIDATES)
        if expand and k > NUM_TRUSTED:
            nearest = self.gallery.search(query, MIN_CANDIDATES, filters)
            trusted = group_near_duplicates(nearest)[:NUM_TRUSTED]
            if len(trusted) == NUM_TRUSTED:
                further = self._search_beyond(trusted, query, count, filters)
                ordered = [*chain(*trusted), *further]
                return self._to_hits(ordered, [*nearest, *further], k)
        found = self.gallery.search(query, count, filters)
        return self._to_hits(found, found, k)

    def _search_beyond(
        self,
        trusted: Sequence[Sequence[Neighbour]],
        query: Float32[np.ndarray, " dim"],
        count: int,
        filters: Filters | None,
    ) -> list[Neighbour]:
        """The photos nearest to the query and the trusted ones, but for these."""
        expanded = expand_query(query, np.stack([group[0].embedding for group in trusted]))
        known = {neighbour.info.photo_id for neighbour in chain(*trusted)}
        nearest = self.gallery.search(expanded, count, filters)
        found = [neighbour for neighbour in nearest if neighbour.info.photo_id not in known]
        if not found:
            return []
        rows = np.stack([neighbour.embedding for neighbour in found])
        similarities = sum_in_doubles(rows, np.arange(len(rows)), query).tolist()
        return [
            Neighbour(neighbour.info, similarity, neighbour.embedding)
            for neighbour, similarity in zip(found, similarities, strict=True)
        ]

    def _to_hits(
        self, ordered: Sequence[Neighbour], found: Sequence[Neighbour], k: int
    ) -> list[Hit]:
        """The first k, near-duplicates folded; all that was found competes for the confidence."""
        of_photo = _compute_confidences(found, self.encoder.card.calibration)
        return [_make_hit(group, of_photo) for group in group_near_duplicates(ordered)[:k]]

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


def _compute_confidences(found: Sequence[Neighbour], calibration: Calibration) -> dict[str, float]:
    """Of each photo, by its id; a photo may have been found twice."""
    alike = {neighbour.info.photo_id: neighbour.similarity for neighbour in found}
    ids = sorted(alike, key=lambda photo_id: -alike[photo_id])
    similarity = np.array([alike[photo_id] for photo_id in ids], dtype=np.float64)
    return dict(zip(ids, compute_confidence(similarity, calibration).tolist(), strict=True))


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
