"""The files of a gallery's photos. A photo is named by its id: no path comes from a request.

A file is shown only while it has the size and time stamp under which it was indexed, so that what
took its place since, a link to elsewhere for instance, is not.
"""

import re
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


def is_photo_id(text: str) -> bool:
    """Whether a text can be the id of a photo; others need not reach the gallery."""
    return re.fullmatch(r"[0-9a-f]{1,64}", text) is not None


def find_row(gallery: Gallery, photo_id: str) -> PhotoRow:
    """What the gallery knows of a photo.

    Raises:
        PhotoError: It has no such photo.
    """
    rows = gallery.get([photo_id]) if is_photo_id(photo_id) else []
    if not rows:
        raise PhotoError(f"no photo {photo_id[:40]!r} in this gallery; search again")
    return rows[0]


def find_original(gallery: Gallery, photo_id: str) -> Path:
    """The file of a photo, or of a copy of it.

    Raises:
        PhotoError: The gallery has no such photo, or its files are gone or changed.
    """
    row = find_row(gallery, photo_id)
    for path, modified_ns in _files_of(row):
        if _is_unchanged(path, row.file_size, modified_ns):
            return path
    raise PhotoError(
        f"{Path(row.path).name} was moved, changed or deleted since it was indexed; "
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
