"""Small pictures of photos, decoded in killable workers, kept in a bounded cache."""

import threading
from collections import OrderedDict
from io import BytesIO
from pathlib import Path

from PIL import Image

from inkseek.isolate import NUM_WARM, run_isolated
from inkseek.raster.photo import decode_photo

MAX_BYTES = 64 * 2**20
SECONDS = 20.0
WORKER_BYTES = 2 * 2**30
JPEG_QUALITY = 84

DECODERS = NUM_WARM
"""Photos decoded at a time: as many as there are workers that stay."""


class Thumbnails:
    """A cache of JPEG thumbnails by photo id and side; the least recently shown go first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._decoding = threading.BoundedSemaphore(DECODERS)

    def warm(self) -> None:
        """Start a worker, which takes longer than its work."""
        run_isolated(_be_ready, seconds=SECONDS, memory_bytes=WORKER_BYTES)

    def find(self, photo_id: str, side: int) -> bytes | None:
        """A thumbnail that is in memory."""
        with self._lock:
            if (photo_id, side) in self._kept:
                self._kept.move_to_end((photo_id, side))
            return self._kept.get((photo_id, side))

    def make(self, photo_id: str, side: int, path: Path) -> bytes:
        """Make a thumbnail of the photo's file, whose longer side is at most `side`, and keep it.

        Raises:
            PhotoError: The file is no longer a readable photo.
            LimitError: Decoding it took too long.
        """
        with self._decoding:
            content: bytes = run_isolated(
                make_thumbnail, path, side, seconds=SECONDS, memory_bytes=WORKER_BYTES
            )
        with self._lock:
            self._bytes += len(content) - len(self._kept.pop((photo_id, side), b""))
            self._kept[photo_id, side] = content
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped)
        return content


def _be_ready() -> None:
    """That a worker can call it means that it has imported this module."""


def make_thumbnail(path: Path, side: int) -> bytes:
    """Decode a photo and encode it small, as JPEG."""
    image = Image.fromarray(decode_photo(path, max_side=side).pixels)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
