"""The folders a gallery was made from, so that it can be brought up to date without naming them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from inkseek.errors import GalleryError

FILE_NAME = "folders.json"


def read_folders(gallery: Path) -> list[Path]:
    """What was indexed into the gallery of a folder, in order.

    Raises:
        GalleryError: The list is damaged.
    """
    file = gallery / FILE_NAME
    if not file.is_file():
        return []
    try:
        return [Path(folder) for folder in json.loads(file.read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        raise GalleryError(f"{file} is damaged; delete it and name the folders again") from None


def remember_folders(gallery: Path, folders: Sequence[str]) -> None:
    """Add folders to the list; files, and folders below a listed one, are left out."""
    known = [str(folder) for folder in read_folders(gallery)]
    every = list(dict.fromkeys([*known, *filter(os.path.isdir, folders)]))
    tops = [each for each in every if not any(_contains(other, each) for other in every)]
    if tops != known:
        partial = gallery / f"{FILE_NAME}.{os.getpid()}.tmp"
        partial.write_text(json.dumps(tops, indent=1), encoding="utf-8")
        partial.replace(gallery / FILE_NAME)


def _contains(folder: str, path: str) -> bool:
    return path != folder and path.startswith(folder.rstrip(os.sep) + os.sep)
