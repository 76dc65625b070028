"""What a gallery holds of a photo, and what a search finds."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from jaxtyping import Float32


@dataclass(frozen=True)
class PhotoInfo:
    """What a gallery knows of a photo, besides its embedding.

    Attributes:
        photo_id: Digest of the file's content (BLAKE2b, 128 bits, hexadecimal).
        path: Where the photo is, absolute.
        width: Of the upright original, in pixels.
        height: Of the upright original, in pixels.
        taken_at: Local time of the camera, without a zone.
        tags: Words that a search can ask for.
        near_key: Perceptual key; near-duplicates differ in few of its 64 bits.
        copies: Other files with the same content.
        file_size: In bytes.
        modified_ns: Time stamp of the file at `path`.
        copies_modified_ns: Time stamps of the copies.
    """

    photo_id: str
    path: str
    width: int
    height: int
    taken_at: datetime | None
    tags: tuple[str, ...]
    near_key: int
    copies: tuple[str, ...]
    file_size: int
    modified_ns: int
    copies_modified_ns: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhotoRow(PhotoInfo):
    """A photo with its unit embedding and the digest of the model that made it."""

    embedding: Float32[np.ndarray, " dim"]
    model_digest: str


@dataclass(frozen=True)
class Neighbour:
    """A photo found, its similarity to the query (a cosine), and its embedding."""

    info: PhotoInfo
    similarity: float
    embedding: Float32[np.ndarray, " dim"]
