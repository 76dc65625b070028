"""The application: the routes, what guards them, and the page."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match, Mount
from starlette.types import Scope

from inkseek.errors import InkseekError
from inkseek.gallery.store import gallery_folder
from inkseek.search import Searcher
from inkseek.server.auth import GUARDED, Authorization, Tickets, check_token
from inkseek.server.drawing_model import DrawingModel
from inkseek.server.generating import Generating
from inkseek.server.guards import HEADERS, LOOPBACK, Guard
from inkseek.server.jobs import Jobs
from inkseek.server.metrics import RequestTimer
from inkseek.server.problems import PROBLEM, add_problem_handlers
from inkseek.server.routes import (
    explain,
    generate,
    jobs,
    library,
    model,
    photos,
    search,
    sketches,
    status,
    suggest,
    tidy,
)
from inkseek.server.searchable import matches_model
from inkseek.server.service import Service
from inkseek.server.suggesting import Suggesting
from inkseek.server.tidying import Tidying
from inkseek.server.turns import Turns
from inkseek.server.watch import Watcher
from inkseek.strokes.sketch import Sketch

STATIC = Path(__file__).parent / "static"

MAX_BYTES = {
    "/api/search": 4 * 2**20,
    "/api/search/live": 4 * 2**20,
    "/api/search/batch": 16 * 2**20,
    "/api/embed": 16 * 2**20,
    "/api/explain": 4 * 2**20,
    "/api/sketches": 12 * 2**20,
    "/api/tidy": 4 * 2**20,
    "/api/suggest": 4 * 2**20,
    "/api/generate": 4 * 2**20,
    "/api/interpolate": 8 * 2**20,
    "/api/jobs": 2**20,
}
"""Of a request: the most points that are allowed, and a photo of a page."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes:
        hosts: Names, without a port, under which the service may be addressed. Others are
            refused, so that a foreign page cannot reach it through a name of its own (DNS
            rebinding).
        any_address: Numeric addresses are fine as well: no foreign name is among them.
        token: Needed for everything but the page's own files; none is when None.
    """

    hosts: tuple[str, ...] = LOOPBACK
    any_address: bool = False
    token: str | None = None


def create_app(
    searcher: Searcher,
    access: Access | None = None,
    *,
    watch: bool = False,
    drawing_model: DrawingModel | None = None,
) -> FastAPI:
    """The service for one gallery.

    Args:
        searcher: Answers the searches; shared by all requests.
        access: Who may ask; those on this computer when None.
        watch: Index what changes in the indexed folders.
        drawing_model: Puts misplaced strokes right and draws; nothing does when None.

    Raises:
        InkseekError: The token is too short.
    """
    access = access or Access()
    tickets = Tickets(access.token)
    queue = Jobs(searcher)
    watcher = Watcher(queue, gallery_folder(searcher.gallery.url)) if watch else None
    model, turns = drawing_model or DrawingModel(), Turns()
    service = Service(
        searcher,
        tickets,
        queue,
        watcher,
        tidying=Tidying(model.tidy, turns),
        suggesting=Suggesting(model.suggest, turns),
        generating=Generating(model, turns),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The first stroke must not wait for what every later one finds ready.
        Thread(target=_warm, args=(service,), daemon=True).start()
        if watcher:
            watcher.start()
        yield
        if watcher:
            watcher.stop()
        service.jobs.close()

    # The interactive documentation would load scripts from elsewhere.
    app = FastAPI(
        title="inkseek",
        version=version("inkseek"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses=PROBLEM,
        swagger_ui_oauth2_redirect_url=None,
    )
    _add_guards(app, access, service)
    _add_routes(app, service)
    return app


def _add_guards(app: FastAPI, access: Access, service: Service) -> None:
    if access.token is not None:
        app.add_middleware(Authorization, token=check_token(access.token), tickets=service.tickets)
    app.add_middleware(
        Guard, hosts=access.hosts, any_address=access.any_address, max_bytes=MAX_BYTES
    )
    app.add_middleware(RequestTimer, metrics=service.metrics)
    add_problem_handlers(app, HEADERS)


def _add_routes(app: FastAPI, service: Service) -> None:
    for router in (
        search.make_router(service),
        sketches.make_router(),
        tidy.make_router(service),
        suggest.make_router(service),
        generate.make_router(service),
        explain.make_router(service),
        photos.make_router(service),
        library.make_router(service),
        jobs.make_router(service),
        model.make_router(service.searcher),
        status.make_router(service),
    ):
        app.include_router(router)
    app.router.routes.append(_Page("/", StaticFiles(directory=STATIC, html=True), name="page"))


class _Page(Mount):
    """The page's files.

    What begins like an address of the service is none, so that a wrong method is told as such.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["path"].startswith(GUARDED):
            return Match.NONE, {}
        found: tuple[Match, Any] = super().matches(scope)
        return found


def _warm(service: Service) -> None:
    searcher = service.searcher
    dot = Sketch((np.zeros((1, 2), dtype=np.float32),), canvas_size=1.0)
    try:
        query = searcher.encoder.embed_sketches([dot])[0]
        if matches_model(searcher):
            searcher.search_embedding(query, 1)
        service.thumbnails.warm()
        service.is_ready = True
        service.suggesting.warm()
    except InkseekError as error:
        # Whoever searches will be told; the others need not.
        logger.warning("%s", error)
