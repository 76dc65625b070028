"""What every gallery can do, and which one a URL means.

A gallery is bound to the model that embedded its photos. The photos are the truth: a gallery can
always be made again from them.
"""

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
from jaxtyping import Float32

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery.filters import Filters
from inkseek.gallery.photos import Neighbour, PhotoInfo, PhotoRow

__all__ = ["Gallery", "Neighbour", "PhotoInfo", "PhotoRow", "open_gallery"]


class Gallery(ABC):
    """Photos of one embedding space, searchable by a unit query.

    Attributes:
        url: Where it is.
        model_digest: The embedding space; see `Encoder.digest`.
        dim: Width of the embeddings.
    """

    url: str
    model_digest: str
    dim: int

    @staticmethod
    def open(
        url: str,
        *,
        model_digest: str | None = None,
        dim: int | None = None,
        create: bool = False,
    ) -> "Gallery":
        """The same as `open_gallery`."""
        return open_gallery(url, model_digest=model_digest, dim=dim, create=create)

    @abstractmethod
    def upsert(self, rows: Sequence[PhotoRow]) -> None:
        """Add photos or replace those of the same id, all or none; durable on return."""

    @abstractmethod
    def delete(self, photo_ids: Sequence[str]) -> int:
        """Remove photos; returns how many were there."""

    @abstractmethod
    def get(self, photo_ids: Sequence[str]) -> list[PhotoRow]:
        """The photos of these ids that exist, in the order asked."""

    @abstractmethod
    def count(self, filters: Filters | None = None) -> int:
        """Photos that pass the filters."""

    @abstractmethod
    def search(
        self, query: Float32[np.ndarray, " dim"], k: int, filters: Filters | None = None
    ) -> list[Neighbour]:
        """The photos most similar to a unit query, best first; ties by id."""

    @abstractmethod
    def iter_info(self) -> Iterator[PhotoInfo]:
        """Every photo, without its embedding."""

    @abstractmethod
    def optimize(self) -> None:
        """Make later reads fast; results stay the same, but for the ANN index of a big gallery."""

    @abstractmethod
    def reload(self) -> None:
        """Look again which model the gallery is bound to: another process may have changed it."""

    @abstractmethod
    def clear(self, *, model_digest: str, dim: int) -> None:
        """Remove every photo and bind the gallery to another model."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and memory."""

    def check_model(self, model_digest: str) -> None:
        """Refuse a model other than the gallery's.

        Raises:
            GalleryMismatchError: The embeddings are of different spaces.
        """
        if model_digest != self.model_digest:
            raise GalleryMismatchError(
                f"gallery {self.url} was indexed by model {self.model_digest}, but this model is "
                f"{model_digest}: their similarities mean nothing; index again with `inkseek "
                f"index --rebuild --gallery {self.url}`, or pass the model that indexed it"
            )


def open_gallery(
    url: str,
    *,
    model_digest: str | None = None,
    dim: int | None = None,
    create: bool = False,
) -> Gallery:
    """Open the gallery at a path or `file:` URL.

    Args:
        url: Where it is.
        model_digest: Refuse a gallery of another model; needed to create one.
        dim: Width of the embeddings; needed to create one.
        create: Make a gallery where there is none.

    Raises:
        GalleryError: There is no gallery, it is damaged, or the URL is of a kind we do not know.
        GalleryMismatchError: The gallery belongs to another model.
    """
    from inkseek.gallery.lance import LanceGallery

    folder = gallery_folder(url)
    if create and not LanceGallery.exists(folder):
        if model_digest is None or dim is None:
            raise GalleryError(f"to create gallery {url}, pass the model's digest and dim")
        return LanceGallery.create(folder, model_digest=model_digest, dim=dim)
    gallery = LanceGallery(folder)
    if model_digest is not None:
        gallery.check_model(model_digest)
    return gallery


def recreate_gallery(url: str, *, model_digest: str, dim: int) -> Gallery:
    """An empty gallery bound to this model, in place of what is there, even if that is damaged."""
    from inkseek.gallery.lance import LanceGallery

    folder = gallery_folder(url)
    try:
        gallery = LanceGallery(folder)
        gallery.clear(model_digest=model_digest, dim=dim)
    except GalleryError:
        if LanceGallery.exists(folder):
            LanceGallery.discard(folder)
        return LanceGallery.create(folder, model_digest=model_digest, dim=dim)
    return gallery


def gallery_folder(url: str) -> Path:
    """The absolute folder that a path or `file:` URL names.

    Raises:
        GalleryError: The URL is of another kind.
    """
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return Path(url2pathname(urlsplit(url).path))
    # One letter is a Windows drive, not a scheme.
    if "://" in url and len(scheme) > 1:
        raise GalleryError(f"gallery {url} has the unknown scheme {scheme}; pass a folder")
    return Path(os.path.abspath(Path(url).expanduser()))


def default_gallery() -> str:
    """Folder of the user's own gallery, where the platform keeps such data."""
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return str(data / "inkseek" / "gallery")
