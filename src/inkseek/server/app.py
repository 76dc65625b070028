"""The application: a page, a search, and the photos that a search may show.

Only photos of the gallery are ever served, by id; no path comes from a request.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from inkseek.errors import InkseekError, SketchFormatError
from inkseek.gallery.filters import Filters
from inkseek.search import Hit, Searcher
from inkseek.server.explanations import Explanations
from inkseek.server.guards import Guard
from inkseek.server.originals import find_media_type, find_original
from inkseek.server.problems import add_problem_handlers
from inkseek.server.schema import (
    MAX_POINTS,
    DrawnSketch,
    ExplainRequest,
    Explanation,
    FoundPhoto,
    Health,
    SearchAnswer,
    SearchRequest,
)
from inkseek.server.thumbnails import Thumbnails
from inkseek.strokes.readers import parse_sketch
from inkseek.strokes.sketch import Sketch

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

MAX_BYTES = {
    "/api/search": 4 * 2**20,
    "/api/explain": 4 * 2**20,
    "/api/sketches": 12 * 2**20,
}
"""Of a request: the most points that are allowed, and a photo of a page."""

# An id is the digest of the content, so what it names never changes.
LASTING = {"Cache-Control": "private, max-age=86400, immutable"}

logger = logging.getLogger(__name__)

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def create_app(searcher: Searcher, *, hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:
    """The service for one gallery.

    Args:
        searcher: Answers the searches; shared by all requests.
        hosts: Names, without a port, under which the service may be addressed. Others are
            refused, so that a foreign page cannot reach it through a name of its own (DNS
            rebinding).
    """
    thumbnails = Thumbnails()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The first stroke must not wait for what every later one finds ready.
        Thread(target=_warm, args=(searcher, thumbnails), daemon=True).start()
        yield

    # The interactive documentation would load scripts from elsewhere.
    app = FastAPI(
        title="inkseek",
        version=version("inkseek"),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Guard, hosts=hosts, max_bytes=MAX_BYTES)
    add_problem_handlers(app)
    _add_search(app, searcher)
    _add_photos(app, searcher, thumbnails)
    _add_explanations(app, Explanations(searcher, thumbnails))

    @app.get("/api/health")
    def check_health() -> Health:
        """Whether the service answers, and with what."""
        return Health(
            status="ok",
            version=version("inkseek"),
            model=searcher.encoder.card.name,
            photos=searcher.gallery.count(),
        )

    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    return app


def _add_search(app: FastAPI, searcher: Searcher) -> None:
    @app.post("/api/search")
    def search(request: SearchRequest) -> SearchAnswer:
        """The photos most like a drawing, best first."""
        start = time.perf_counter()
        filters = Filters(folder=request.folder, orientation=request.orientation)
        hits = searcher.search(_to_sketch(request.sketch), request.k, filters)
        return SearchAnswer(
            hits=[_to_found(hit) for hit in hits],
            nothing_matches=searcher.nothing_matches(hits),
            milliseconds=1e3 * (time.perf_counter() - start),
        )

    @app.post("/api/sketches", openapi_extra=FILE_BODY)
    def read_drawing(
        content: Annotated[bytes, Depends(_read_body)],
        name: Annotated[str, Query(max_length=200)] = "the drawing",
    ) -> DrawnSketch:
        """The strokes of a drawing file: SVG, JSON, InkML, or a picture of a drawing.

        The body is the file as it is; errors call it by its name.
        """
        sketch = parse_sketch(content, name)
        if sketch.num_points > MAX_POINTS:
            raise SketchFormatError(
                f"the drawing has {sketch.num_points} points, more than {MAX_POINTS}; simplify it"
            )
        strokes = [stroke.tolist() for stroke in sketch.strokes]
        return DrawnSketch(canvas_size=sketch.canvas_size, strokes=strokes)


def _add_photos(app: FastAPI, searcher: Searcher, thumbnails: Thumbnails) -> None:
    @app.get("/api/photos/{photo_id}", response_class=FileResponse)
    def show_photo(photo_id: str) -> FileResponse:
        """A photo as it is on disk."""
        path = find_original(searcher.gallery, photo_id)
        return FileResponse(
            path,
            media_type=find_media_type(path),
            content_disposition_type="inline",
            filename=path.name,
            headers=LASTING,
        )

    @app.get("/api/photos/{photo_id}/thumbnail", response_class=Response)
    def show_thumbnail(photo_id: str, side: Literal["360", "1600"] = "360") -> Response:
        """A photo, upright, its longer side at most so many pixels, as JPEG."""
        pixels = int(side)
        content = thumbnails.find(photo_id, pixels) or thumbnails.make(
            photo_id, pixels, find_original(searcher.gallery, photo_id)
        )
        return Response(content, media_type="image/jpeg", headers=LASTING)


def _add_explanations(app: FastAPI, explanations: Explanations) -> None:
    @app.post("/api/explain")
    def explain(request: ExplainRequest) -> Explanation:
        """How much each stroke adds to the similarity of a photo, and which part of it it meets."""
        return explanations.explain(_to_sketch(request.sketch), request.photo_id)


def _warm(searcher: Searcher, thumbnails: Thumbnails) -> None:
    dot = Sketch((np.zeros((1, 2), dtype=np.float32),), canvas_size=1.0)
    try:
        searcher.search(dot, k=1)
        thumbnails.warm()
    except InkseekError as error:
        # Whoever searches will be told; the others need not.
        logger.warning("%s", error)


async def _read_body(request: Request) -> bytes:
    return await request.body()


def _to_sketch(drawn: DrawnSketch) -> Sketch:
    num_points = sum(len(stroke) for stroke in drawn.strokes)
    if num_points > MAX_POINTS:
        raise SketchFormatError(
            f"the sketch has {num_points} points, more than {MAX_POINTS}; draw less densely"
        )
    strokes = tuple(
        np.array([point[:2] for point in stroke], dtype=np.float32)
        for stroke in drawn.strokes
        if stroke
    )
    return Sketch(strokes, drawn.canvas_size)


def _to_found(hit: Hit) -> FoundPhoto:
    return FoundPhoto(
        photo_id=hit.photo_id,
        name=Path(hit.path).name,
        similarity=hit.similarity,
        confidence=hit.confidence,
        num_duplicates=len(hit.duplicates),
        thumbnail=f"/api/photos/{hit.photo_id}/thumbnail",
        photo=f"/api/photos/{hit.photo_id}",
    )
