"""`/api/health`, `/api/ready`, `/metrics`: whether the service is well, for those who run it."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from inkseek.errors import GalleryError
from inkseek.gallery.store import gallery_folder
from inkseek.indexing.quarantine import Quarantine
from inkseek.server.library_schema import Health, Ready
from inkseek.server.searchable import check_searchable
from inkseek.server.service import Service

TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text format", "content": {"text/plain": {}}}
}


def make_router(service: Service) -> APIRouter:
    """The routes of health and metrics."""
    router = APIRouter(tags=["status"])
    searcher = service.searcher

    @router.get("/api/health")
    def check_health() -> Health:
        """Whether the service answers, and with what."""
        return Health(
            status="ok",
            version=version("inkseek"),
            model=searcher.encoder.card.name,
            photos=searcher.gallery.count(),
        )

    @router.get("/api/ready")
    def check_ready() -> Ready:
        """Whether a search would be answered now without delay; status 503 until then."""
        if not service.is_ready:
            raise GalleryError("the service is starting; ask again in a moment")
        searcher.gallery.reload()
        check_searchable(searcher)
        return Ready(status="ready")

    @router.get("/metrics", response_class=Response, responses=TEXT)
    def show_metrics() -> Response:
        """What the service measures of itself."""
        metrics = service.metrics
        metrics.photos.set(searcher.gallery.count())
        metrics.quarantined.set(len(Quarantine(gallery_folder(searcher.gallery.url)).read()))
        metrics.jobs.set(service.jobs.num_active)
        return Response(metrics.write(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
