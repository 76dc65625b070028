"""The note beside a gallery that was emptied to be embedded anew, until every photo is back.

It lists the photos that no indexed folder holds, which only the gallery knew: a rebuild that is
killed goes on from the note. While it is there nobody searches what is half a gallery.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from inkseek.errors import GalleryError

FILE_NAME = "rebuild.json"


def is_unfinished(gallery: Path) -> bool:
    """Whether the gallery of a folder was emptied and is not complete again."""
    return (gallery / FILE_NAME).is_file()


def check_finished(gallery: Path) -> None:
    """Refuse to search a gallery that is not complete.

    Raises:
        GalleryError: Its photos are being embedded anew, or a run that did so was stopped.
    """
    if is_unfinished(gallery):
        raise GalleryError(
            f"the photos of gallery {gallery} are being embedded anew, so that nothing can be "
            "found yet; wait for that, or go on with it: `inkseek index --rebuild --gallery "
            f"{gallery}`"
        )


def read_unfinished(gallery: Path) -> list[Path]:
    """The photos that the note lists; none when there is no note.

    Raises:
        GalleryError: The note is damaged.
    """
    file = gallery / FILE_NAME
    if not file.is_file():
        return []
    try:
        return [Path(path) for path in json.loads(file.read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        raise GalleryError(f"{file} is damaged; delete it and index the photos again") from None


def note_unfinished(gallery: Path, photos: Sequence[str]) -> None:
    """Write the note, in one piece and durably: what comes next empties the gallery."""
    partial = gallery / f"{FILE_NAME}.{os.getpid()}.tmp"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(list(photos), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(gallery / FILE_NAME)


def note_finished(gallery: Path) -> None:
    """Take the note away."""
    (gallery / FILE_NAME).unlink(missing_ok=True)
