"""Small pictures of photos, decoded in killable workers, kept in a bounded cache."""

import threading
from collections import OrderedDict
from io import BytesIO

from PIL import Image

from inkseek.isolate import run_isolated

SIDE = 320
MAX_BYTES = 64 * 2**20
SECONDS = 20.0
WORKER_BYTES = 2 * 2**30


class Thumbnails:
    """A cache of JPEG thumbnails by photo id; the least recently shown go first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, photo_id: str, path: str) -> bytes:
        """The thumbnail of a photo.

        Raises:
            PhotoError: The file is no longer a readable photo.
            LimitError: Decoding it took too long.
        """
        with self._lock:
            if photo_id in self._kept:
                self._kept.move_to_end(photo_id)
                return self._kept[photo_id]
        content: bytes = run_isolated(
            make_thumbnail, path, seconds=SECONDS, memory_bytes=WORKER_BYTES
        )
        with self._lock:
            if photo_id not in self._kept:
                self._kept[photo_id] = content
                self._bytes += len(content)
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped)
        return content


def make_thumbnail(path: str) -> bytes:
    """Decode a photo and encode it small, as JPEG."""
    from pathlib import Path

    from inkseek.raster.photo import decode_photo

    image = Image.fromarray(decode_photo(Path(path), max_side=SIDE).pixels)
    image.thumbnail((SIDE, SIDE))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
