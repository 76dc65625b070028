"""From a request to its answer: the query, what feedback makes of it, and a page of hits."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from inkseek.errors import SketchFormatError
from inkseek.feedback import apply_feedback
from inkseek.gallery import Gallery
from inkseek.gallery.filters import Filters
from inkseek.search import Hit, Searcher
from inkseek.server.originals import find_row, is_photo_id
from inkseek.server.schema import MAX_OFFSET, SearchAnswer, SearchRequest, Timings
from inkseek.server.service import Service
from inkseek.server.sketches import Embedded, embed_timed, to_sketch

UNIT_TOLERANCE = 1e-3
"""By how much the length of an embedding may differ from 1: what decimal digits and halves lose."""


@dataclass(frozen=True)
class Span:
    """Which hits are wanted, and which photos are not to be among them.

    Where feedback has said what is meant, the first hits need not tell: `expand` is false.
    """

    offset: int
    k: int
    filters: Filters
    excluded: frozenset[str] = frozenset()
    expand: bool = True


def answer_search(service: Service, request: SearchRequest) -> SearchAnswer:
    """Answer one request.

    Raises:
        SketchFormatError: The sketch is empty, or the embedding is none of this model.
        PhotoError: `like_photo` is not in the gallery.
    """
    start = time.perf_counter()
    gallery = service.searcher.gallery
    embedded = _embed_query(service, request)
    query = apply_feedback(
        embedded.rows[0],
        _find_rows(gallery, request.liked),
        _find_rows(gallery, request.disliked),
    )
    # Whoever asks for photos like one, or unlike one, has seen that one.
    seen = {*request.disliked, *([request.like_photo] if request.like_photo else [])}
    span = Span(
        request.offset,
        request.k,
        request.to_filters(),
        frozenset(seen),
        expand=not (request.liked or request.disliked),
    )
    return answer_query(service, query, span, embedded, start)


def answer_query(
    service: Service,
    query: Float32[np.ndarray, " dim"],
    span: Span,
    embedded: Embedded,
    start: float,
) -> SearchAnswer:
    """Answer a query that is embedded already; `start` is when the clock was started.

    The query is the row of `embedded`, or what feedback made of it.
    """
    began = time.perf_counter()
    hits, more = find_span(service.searcher, query, span)
    nothing_matches = service.searcher.nothing_matches(hits)
    search = time.perf_counter() - began
    service.metrics.search.observe(search)
    choice = embedded.choice
    return SearchAnswer(
        hits=[service.to_found(hit) for hit in hits[span.offset :]],
        nothing_matches=nothing_matches,
        more=more,
        milliseconds=1e3 * (time.perf_counter() - start),
        timings=Timings(
            raster=1e3 * (embedded.select + embedded.raster),
            encode=1e3 * embedded.encode,
            search=1e3 * search,
        ),
        canvas_size=int(choice.sizes[0]) if choice else None,
        gflops=float(choice.gflops[0]) if choice else None,
    )


def find_span(
    searcher: Searcher, query: Float32[np.ndarray, " dim"], span: Span
) -> tuple[list[Hit], bool]:
    """All hits up to the end of the span, and whether more follow.

    Folding keeps the order of first members, so the spans of one query join without a gap.
    """
    end = span.offset + span.k
    asked = end + 1 + len(span.excluded)
    while True:
        found = searcher.search_embedding(query, asked, span.filters, expand=span.expand)
        hits = [hit for hit in found if hit.photo_id not in span.excluded]
        # Where many photos fold into few hits, more neighbours have to be looked at.
        # Counting reads the disk, which is seldom needed.
        if len(hits) > end or asked >= MAX_OFFSET or asked >= searcher.gallery.count(span.filters):
            # What lies further than may be asked for is not promised.
            return hits[:end], len(hits) > end and end <= MAX_OFFSET
        asked *= 4


def _embed_query(service: Service, request: SearchRequest) -> Embedded:
    if request.like_photo is not None:
        row = find_row(service.searcher.gallery, request.like_photo)
        return Embedded(row.embedding[None])
    if request.embedding is not None:
        return Embedded(_check_embedding(request.embedding, service.searcher))
    if request.sketch is None:
        raise SketchFormatError("nothing to look for; send sketch, embedding or like_photo")
    sketch = to_sketch(request.sketch)
    return embed_timed(service.searcher.encoder, [sketch], service.metrics)


def _check_embedding(values: Sequence[float], searcher: Searcher) -> Float32[np.ndarray, "1 dim"]:
    dim = searcher.encoder.dim
    if len(values) != dim:
        raise SketchFormatError(
            f"the embedding has {len(values)} numbers, but those of model "
            f"{searcher.encoder.card.name} have {dim}; embed the sketch with that model"
        )
    row = np.array([values], dtype=np.float32)
    length = float(np.linalg.norm(row.astype(np.float64)))
    if abs(length - 1) > UNIT_TOLERANCE:
        raise SketchFormatError(f"the embedding has length {length:.4g}, not 1; divide it by that")
    return row


def _find_rows(gallery: Gallery, photo_ids: Sequence[str]) -> Float32[np.ndarray, "photos dim"]:
    ids = list(dict.fromkeys(photo_id for photo_id in photo_ids if is_photo_id(photo_id)))
    rows = [row.embedding for row in gallery.get(ids)] if ids else []
    return np.stack(rows) if rows else np.empty((0, gallery.dim), np.float32)
