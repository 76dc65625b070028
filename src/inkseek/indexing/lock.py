"""One writer a gallery: two would index the same photo twice.

The operating system lets go of the lock when its process ends, however it ends.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inkseek.errors import GalleryError

FILE_NAME = "index.lock"


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Be the only process that indexes into the gallery of a folder.

    Raises:
        GalleryError: Another process is.
    """
    with (folder / FILE_NAME).open("a") as file:
        try:
            _lock(file)
        except OSError:
            raise GalleryError(
                f"another process indexes into gallery {folder}; wait for it, or stop it"
            ) from None
        yield


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
