"""`/api/photos`, `/api/folders`: the rows of the gallery, and the files that a search may show.

Only photos of the gallery are ever served, by id; no path comes from a request.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from inkseek.gallery import Gallery, PhotoRow
from inkseek.gallery.duplicates import group_near_duplicates
from inkseek.search import MIN_CANDIDATES
from inkseek.server.library_schema import FolderCount, PhotoDetails, PhotoList, TagCount
from inkseek.server.originals import find_media_type, find_original, find_row
from inkseek.server.reveal import check_local, reveal_file
from inkseek.server.service import Service

# An id is the digest of the content, so what it names never changes.
LASTING = {"Cache-Control": "private, max-age=86400, immutable"}

MAX_TAGS = 1_000
"""Listed; others can still be asked for."""

PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/*": {}}}
}
JPEG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/jpeg": {}}}
}


def make_router(service: Service) -> APIRouter:
    """The routes of photos."""
    router = APIRouter(tags=["photos"])
    _add_rows(router, service)
    _add_files(router, service)
    return router


def _add_rows(router: APIRouter, service: Service) -> None:
    gallery = service.searcher.gallery

    @router.get("/api/folders")
    def list_folders() -> list[FolderCount]:
        """Every folder that holds photos of the gallery directly, and how many."""
        counts = Counter(str(Path(info.path).parent) for info in gallery.iter_info())
        return [FolderCount(folder=name, photos=counts[name]) for name in sorted(counts)]

    @router.get("/api/tags")
    def list_tags() -> list[TagCount]:
        """The tags of the most photos, those of equally many by name."""
        counts = Counter(tag for info in gallery.iter_info() for tag in info.tags)
        first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TAGS]
        return [TagCount(tag=tag, photos=number) for tag, number in first]

    @router.get("/api/photos")
    def list_photos(
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> PhotoList:
        """Rows of the gallery, by path."""
        infos = sorted(gallery.iter_info(), key=lambda info: info.path)
        chosen = infos[offset : offset + limit]
        return PhotoList(photos=[service.to_entry(info) for info in chosen], total=len(infos))


def _add_files(router: APIRouter, service: Service) -> None:
    gallery = service.searcher.gallery

    @router.get("/api/photos/{photo_id}", response_class=FileResponse, responses=PICTURE)
    def show_photo(photo_id: str) -> FileResponse:
        """A photo as it is on disk."""
        path = find_original(gallery, photo_id)
        return FileResponse(
            path,
            media_type=find_media_type(path),
            content_disposition_type="inline",
            filename=path.name,
            headers=LASTING,
        )

    @router.get("/api/photos/{photo_id}/thumbnail", response_class=Response, responses=JPEG)
    def show_thumbnail(photo_id: str, side: Literal["360", "1600"] = "360") -> Response:
        """A photo, upright, its longer side at most so many pixels, as JPEG."""
        pixels = int(side)
        content = service.thumbnails.find(photo_id, pixels) or service.thumbnails.make(
            photo_id, pixels, find_original(gallery, photo_id)
        )
        return Response(content, media_type="image/jpeg", headers=LASTING)

    @router.get("/api/photos/{photo_id}/details")
    def show_details(photo_id: str) -> PhotoDetails:
        """Where a photo is, and what else shows the same."""
        row = find_row(gallery, photo_id)
        return PhotoDetails(
            path=row.path,
            folder=str(Path(row.path).parent),
            width=row.width,
            height=row.height,
            taken_at=row.taken_at,
            tags=list(row.tags),
            bytes=row.file_size,
            duplicates=_find_duplicates(gallery, row),
        )

    @router.post("/api/photos/{photo_id}/reveal", status_code=204)
    def reveal(photo_id: str, request: Request) -> None:
        """Open the file manager at a photo, for whoever sits at the computer that serves."""
        check_local(request)
        reveal_file(find_original(gallery, photo_id))


def _find_duplicates(gallery: Gallery, row: PhotoRow) -> list[str]:
    """As a search folds them: nothing is more like a photo than its duplicates."""
    paths = set(row.copies)
    for group in group_near_duplicates(gallery.search(row.embedding, MIN_CANDIDATES))[:1]:
        files = {path for each in group for path in (each.info.path, *each.info.copies)}
        if row.path in files:
            paths |= files
    return sorted(paths - {row.path})
