"""`/api/search`, `/api/embed`: drawings to photos and to embeddings."""

import time
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from inkseek.errors import SketchFormatError
from inkseek.server.answers import Span, answer_query, answer_search
from inkseek.server.schema import (
    BatchAnswer,
    BatchRequest,
    EmbedAnswer,
    EmbedRequest,
    LiveAnswer,
    LiveRequest,
    SearchAnswer,
    SearchRequest,
)
from inkseek.server.searchable import check_searchable
from inkseek.server.service import Service
from inkseek.server.sketches import embed_timed, to_sketch
from inkseek.strokes.sketch import Sketch

MAX_LIVE_STROKES = 200
"""Each of them is a search, of all strokes before it as well."""


def make_router(service: Service) -> APIRouter:
    """The routes of searching."""
    router = APIRouter(tags=["search"])

    async def check() -> None:
        # Not in a thread of its own, which would take longer than the look.
        check_searchable(service.searcher)

    searching = [Depends(check)]

    @router.post("/api/search", dependencies=searching)
    def search(request: SearchRequest) -> SearchAnswer:
        """The photos most like a drawing, an embedding or a photo, best first."""
        return answer_search(service, request)

    @router.post("/api/search/batch", dependencies=searching)
    def search_batch(request: BatchRequest) -> BatchAnswer:
        """The photos most like each of several drawings."""
        sketches = [to_sketch(drawn) for drawn in request.sketches]
        embedded = embed_timed(service.searcher.encoder, sketches, service.metrics)
        spent = (embedded.select + embedded.raster + embedded.encode) / len(sketches)
        span = Span(0, request.k, request.to_filters())
        return BatchAnswer(
            answers=[
                answer_query(service, one.rows[0], span, one, time.perf_counter() - spent)
                for one in embedded.split()
            ]
        )

    @router.post("/api/search/live", response_class=EventSourceResponse, dependencies=searching)
    def search_live(
        request: LiveRequest, sketch: Annotated[Sketch, Depends(_check_live)]
    ) -> Iterable[ServerSentEvent]:
        """An event `answer` a stroke: the photos most like the drawing up to that stroke."""
        for count in range(1, len(sketch.strokes) + 1):
            start = time.perf_counter()
            part = Sketch(sketch.strokes[:count], sketch.canvas_size)
            embedded = embed_timed(service.searcher.encoder, [part], service.metrics)
            span = Span(0, request.k, request.to_filters())
            answer = answer_query(service, embedded.rows[0], span, embedded, start)
            yield ServerSentEvent(data=LiveAnswer(strokes=count, answer=answer), event="answer")

    @router.post("/api/embed")
    def embed(request: EmbedRequest) -> EmbedAnswer:
        """Unit rows that `/api/search` takes as `embedding`."""
        encoder = service.searcher.encoder
        sketches = [to_sketch(drawn) for drawn in request.sketches]
        rows = embed_timed(encoder, sketches, service.metrics).rows
        return EmbedAnswer(model=encoder.digest, dim=encoder.dim, embeddings=rows.tolist())

    return router


def _check_live(request: LiveRequest) -> Sketch:
    """Refuse before the stream begins, which cannot become a problem any more."""
    sketch = to_sketch(request.sketch)
    sketch.require_strokes()
    if len(sketch.strokes) > MAX_LIVE_STROKES:
        raise SketchFormatError(
            f"the sketch has {len(sketch.strokes)} strokes, more than {MAX_LIVE_STROKES} for a "
            "live search; search for the whole of it"
        )
    return sketch
