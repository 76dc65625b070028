"""`/api/library`, `/api/quarantine`: what is indexed, and what could not be."""

from fastapi import APIRouter

from inkseek.gallery.store import gallery_folder
from inkseek.indexing.folders import read_folders
from inkseek.indexing.quarantine import Quarantine
from inkseek.server.browser import can_encode_on_device
from inkseek.server.library_schema import Job, Library, QuarantinedFile
from inkseek.server.searchable import is_rebuilding, matches_model
from inkseek.server.service import EVENTS, Service


def make_router(service: Service) -> APIRouter:
    """The routes of the library."""
    router = APIRouter(tags=["library"])
    searcher = service.searcher
    folder = gallery_folder(searcher.gallery.url)

    @router.get("/api/library")
    def show_library() -> Library:
        """What is searched, and with which model."""
        return Library(
            photos=searcher.gallery.count(),
            folders=[str(path) for path in read_folders(folder)],
            model=searcher.encoder.card.name,
            model_matches=matches_model(searcher),
            rebuilding=is_rebuilding(searcher),
            quarantined=len(Quarantine(folder).read()),
            watched=service.watcher.folders if service.watcher else [],
            events=service.tickets.link(EVENTS),
            can_tidy=service.tidying.is_possible,
            can_suggest=service.suggesting.is_possible,
            can_encode_on_device=can_encode_on_device(searcher.encoder),
        )

    @router.get("/api/quarantine")
    def list_quarantine() -> list[QuarantinedFile]:
        """Files that could not be indexed, and why, by path."""
        entries = sorted(Quarantine(folder).read().values(), key=lambda entry: entry.path)
        return [QuarantinedFile(path=entry.path, reason=entry.reason) for entry in entries]

    @router.post("/api/quarantine/retry", status_code=202)
    def retry_quarantine() -> Job:
        """Start a job that tries every quarantined file again."""
        return service.jobs.start("retry")

    return router
