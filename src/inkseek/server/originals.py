"""The files of a gallery's photos. A photo is named by its id: no path comes from a request.

A file is shown only while it has the size and time stamp under which it was indexed, so that what
took its place since, a link to elsewhere for instance, is not.
"""

from pathlib import Path

from inkseek.errors import PhotoError
from inkseek.gallery import Gallery, PhotoRow

HEAD_BYTES = 16

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"avif", "image/avif"),
    (4, b"ftyp", "image/heic"),
)
"""Offset and bytes in the head of a file, and its media type; the first that fits counts."""


def find_original(gallery: Gallery, photo_id: str) -> Path:
    """The file of a photo, or of a copy of it.

    Raises:
        PhotoError: The gallery has no such photo, or its files are gone or changed.
    """
    rows = gallery.get([photo_id])
    if not rows:
        raise PhotoError(f"no photo {photo_id[:40]} in this gallery; search again")
    for path, modified_ns in _files_of(rows[0]):
        if _is_unchanged(path, rows[0].file_size, modified_ns):
            return path
    raise PhotoError(
        f"{Path(rows[0].path).name} was moved, changed or deleted since it was indexed; "
        "bring the gallery up to date with `inkseek index`"
    )


def find_media_type(path: Path) -> str:
    """By content: a name that ends in .html or .svg must not make a page of a photo's bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for offset, signature, media_type in SIGNATURES:
        if head[offset:].startswith(signature):
            return media_type
    return "application/octet-stream"


def _files_of(row: PhotoRow) -> list[tuple[Path, int]]:
    copies = zip(row.copies, row.copies_modified_ns, strict=False)
    return [(Path(path), stamp) for path, stamp in ((row.path, row.modified_ns), *copies)]


def _is_unchanged(path: Path, size: int, modified_ns: int) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return path.is_file() and (found.st_size, found.st_mtime_ns) == (size, modified_ns)
