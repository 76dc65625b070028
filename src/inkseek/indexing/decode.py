"""Photo files to small upright squares, in processes that may be killed.

A file that hangs its decoder or takes too much memory costs its own result only.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from inkseek.errors import InkseekError
from inkseek.isolate import IsolatedPool
from inkseek.raster.photo import decode_photo, fit_square, near_duplicate_key, read_photo_file

SECONDS = 30.0
"""Time for one file; the largest that is allowed takes a few seconds."""

MEMORY_BYTES = 3 * 2**30
"""Memory of one process, libraries included; the largest photo allowed is half a GiB of RGB."""


@dataclass(frozen=True)
class DecodeJob:
    """A file to decode.

    Attributes:
        path: The file.
        photo_size: Side of the square to make of it.
        known_ids: Photos the file may turn out to be a copy of; they are not decoded again.
    """

    path: str
    photo_size: int
    known_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SmallPhoto:
    """What indexing needs of a photo; width and height are those of the original."""

    pixels: UInt8[np.ndarray, "side side 3"]
    width: int
    height: int
    taken_at: datetime | None
    near_key: int
    tags: tuple[str, ...]


@dataclass(frozen=True)
class DecodedFile:
    """The identity of a file's content, and the photo unless it is one of the known."""

    photo_id: str
    photo: SmallPhoto | None


def decode_file(job: DecodeJob) -> DecodedFile:
    """Do one job, in this process.

    Raises:
        PhotoError: The file is no photo we read, is damaged, or is too large.
    """
    content = read_photo_file(Path(job.path))
    photo_id = blake2b(content, digest_size=16).hexdigest()
    if photo_id in job.known_ids:
        return DecodedFile(photo_id, None)
    photo = decode_photo(content, max_side=job.photo_size, name=job.path)
    small = SmallPhoto(
        pixels=fit_square(photo.pixels, job.photo_size),
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        near_key=near_duplicate_key(photo.pixels),
        tags=photo.keywords,
    )
    return DecodedFile(photo_id, small)


def decode_files(
    jobs: Iterable[DecodeJob], *, workers: int, ahead: int = 0
) -> Generator[tuple[DecodeJob, DecodedFile | InkseekError], None, None]:
    """Do jobs in parallel; each comes back with its result or its error, in any order.

    Up to `ahead` of them are done before they are asked for.
    """
    with IsolatedPool(workers, seconds=SECONDS, memory_bytes=MEMORY_BYTES) as pool:
        yield from pool.map_unordered(decode_file, jobs, ahead=ahead)
