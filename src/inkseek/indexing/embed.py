"""Decoded photos to gallery rows, a batch at a time, while the next ones are decoded."""

import queue
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from inkseek.gallery import PhotoInfo, PhotoRow

Item = TypeVar("Item")


@runtime_checkable
class PhotoEncoder(Protocol):
    """What indexing needs of an encoder."""

    @property
    def digest(self) -> str:
        """Names the embedding space."""

    @property
    def dim(self) -> int:
        """Width of the embedding."""

    @property
    def photo_size(self) -> int:
        """Side in pixels of the squares it takes."""

    def embed_photos(
        self, photos: Sequence[UInt8[np.ndarray, "_height _width 3"]], /
    ) -> Float32[np.ndarray, "batch dim"]:
        """Unit rows, one a photo."""


def embed_rows(
    infos: Sequence[PhotoInfo],
    pixels: Sequence[UInt8[np.ndarray, "_side _side 3"]],
    encoder: PhotoEncoder,
) -> list[PhotoRow]:
    """Rows of a gallery, in the order given."""
    if not infos:
        return []
    embeddings = encoder.embed_photos(pixels)
    return [
        PhotoRow(**vars(info), embedding=embedding, model_digest=encoder.digest)
        for info, embedding in zip(infos, embeddings, strict=True)
    ]


@dataclass(frozen=True)
class _End:
    error: BaseException | None


def read_ahead(items: Generator[Item, None, None], depth: int) -> Generator[Item, None, None]:
    """The same items, of which up to `depth` are made beforehand by a thread."""
    ready: queue.Queue[Item | _End] = queue.Queue(depth)
    stopped = threading.Event()

    def put(entry: Item | _End) -> None:
        while not stopped.is_set():
            try:
                return ready.put(entry, timeout=0.1)
            except queue.Full:
                continue

    def work() -> None:
        error = None
        try:
            with closing(items):
                for item in items:
                    put(item)
                    if stopped.is_set():
                        break
        except BaseException as raised:  # noqa: BLE001 - raised again where the items are used
            error = raised
        put(_End(error))

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(entry := ready.get(), _End):
            yield entry
        if entry.error:
            raise entry.error
    finally:
        stopped.set()
        thread.join()
