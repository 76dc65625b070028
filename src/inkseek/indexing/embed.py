"""Decoded photos to gallery rows, a batch at a time."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from inkseek.gallery import PhotoInfo, PhotoRow


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
