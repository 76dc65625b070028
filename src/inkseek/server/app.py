"""The application: a page, a search, and the photos that a search may show.

Only photos of the gallery are ever served, by id; no path comes from a request.
"""

import mimetypes
import time
from pathlib import Path
from typing import Annotated

import numpy as np
from fastapi import FastAPI, File, Response, UploadFile
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from inkseek import __version__
from inkseek.errors import SketchFormatError
from inkseek.gallery.filters import Filters
from inkseek.gallery.photos import PhotoInfo
from inkseek.search import Hit, Searcher
from inkseek.server.guards import Guard, add_problem_handlers
from inkseek.server.schema import (
    MAX_POINTS,
    DrawnSketch,
    FoundPhoto,
    Health,
    SearchAnswer,
    SearchRequest,
)
from inkseek.server.thumbnails import Thumbnails
from inkseek.strokes.readers import parse_sketch
from inkseek.strokes.sketch import Sketch

STATIC = Path(__file__).parent / "static"
MAX_BODY = 12 * 2**20
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(searcher: Searcher, *, hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:
    """The service for one gallery.

    Args:
        searcher: Answers the searches; shared by all requests.
        hosts: Names under which the service may be addressed. Others are refused, so that a
            foreign page cannot reach it through a name of its own (DNS rebinding).
    """
    app = FastAPI(title="inkseek", version=__version__, docs_url=None, redoc_url=None)
    # The last added is the outermost.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Guard, max_bytes=MAX_BODY)
    add_problem_handlers(app)
    thumbnails = Thumbnails()

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

    @app.post("/api/sketches")
    def read_drawing(file: Annotated[UploadFile, File()]) -> DrawnSketch:
        """The strokes of a drawing file: SVG, JSON, InkML, or a picture of a drawing."""
        sketch = parse_sketch(file.file.read(), Path(file.filename or "the drawing").name)
        if sketch.num_points > MAX_POINTS:
            raise SketchFormatError(
                f"the drawing has {sketch.num_points} points, more than {MAX_POINTS}; simplify it"
            )
        strokes = [[(float(x), float(y)) for x, y in stroke] for stroke in sketch.strokes]
        return DrawnSketch(canvas_size=sketch.canvas_size, strokes=strokes)

    @app.get("/api/photos/{photo_id}")
    def show_photo(photo_id: str) -> FileResponse:
        """A photo as it is on disk."""
        path = Path(_find(searcher, photo_id).path)
        if not path.is_file():
            raise HTTPException(404, f"photo {photo_id} is no longer on disk; index again")
        kind = mimetypes.guess_type(path.name)[0] or ""
        # A name that ends in .html or .svg must not make a page of a photo's bytes.
        is_image = kind.startswith("image/") and kind != "image/svg+xml"
        return FileResponse(
            path,
            media_type=kind if is_image else "application/octet-stream",
            content_disposition_type="inline",
            filename=path.name,
        )

    @app.get("/api/photos/{photo_id}/thumbnail", response_class=Response)
    def show_thumbnail(photo_id: str) -> Response:
        """A photo, small."""
        content = thumbnails.get(photo_id, _find(searcher, photo_id).path)
        # An id is the digest of the content, so what it names never changes.
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(content, media_type="image/jpeg", headers=headers)

    @app.get("/api/health")
    def check_health() -> Health:
        """Whether the service answers, and with what."""
        card = searcher.encoder.card
        return Health(
            status="ok", version=__version__, model=card.name, photos=searcher.gallery.count()
        )

    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    return app


def _to_sketch(drawn: DrawnSketch) -> Sketch:
    num_points = sum(len(stroke) for stroke in drawn.strokes)
    if num_points > MAX_POINTS:
        raise SketchFormatError(
            f"the sketch has {num_points} points, more than {MAX_POINTS}; draw less densely"
        )
    strokes = tuple(np.array(stroke, dtype=np.float32) for stroke in drawn.strokes if stroke)
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


def _find(searcher: Searcher, photo_id: str) -> PhotoInfo:
    rows = searcher.gallery.get([photo_id])
    if not rows:
        raise HTTPException(404, f"no photo {photo_id[:40]} in this gallery")
    return rows[0]
