"""A gallery to a folder that any web server can offer: page, runtime, model, embeddings, pictures.

Layout::

    index.html, *.js, *.css   the page
    vendor/                   the runtime, with its licence
    model/                    card.json, student.onnx, and selector.onnx if the model has one
    gallery.json              names of the photos, and what ranks them
    embeddings.f16            their embeddings, in the same order
    photos/0.jpg ...          their thumbnails, in the same order
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from inkseek.card import CARD, read_checked
from inkseek.encoder import SELECTOR, Encoder
from inkseek.errors import InkseekError
from inkseek.gallery import Gallery
from inkseek.site.page import check_runtime, write_page
from inkseek.site.photos import choose_newest, write_gallery, write_thumbnails

MAX_PHOTOS = 20_000
"""More are too much to load before the first search."""

NETWORK = "student.onnx"
"""The float32 network: in WebAssembly it is faster than the 8-bit one, and exact."""


@dataclass(frozen=True)
class ExportedSite:
    """What was written.

    Attributes:
        num_photos: Photos of the site.
        num_left_out: Photos of the gallery beyond the limit.
        num_unreadable: Photos whose file is gone or damaged.
        first_load_bytes: What a browser loads before the first search, thumbnails not counted.
    """

    num_photos: int
    num_left_out: int
    num_unreadable: int
    first_load_bytes: int


def export_site(
    gallery: Gallery,
    encoder: Encoder,
    folder: Path,
    *,
    max_photos: int = MAX_PHOTOS,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ExportedSite:
    """Write the site.

    Args:
        gallery: What it searches.
        encoder: Of the gallery's model, loaded from a folder.
        folder: Where to; it must be empty, or not exist.
        max_photos: Of a larger gallery, the photos that were taken last.
        on_progress: Called with the number of photos done and of all.

    Raises:
        InkseekError: The folder is not empty, the gallery is, or the runtime is missing.
    """
    check_runtime()
    model = _read_model(encoder)
    gallery.check_model(encoder.digest)
    if not 1 <= max_photos <= MAX_PHOTOS:
        raise InkseekError(f"max_photos is {max_photos}, but must lie in [1, {MAX_PHOTOS}]")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InkseekError(f"{folder} is not an empty folder; name one, or a new one")
    chosen = choose_newest(gallery.iter_info(), max_photos)
    if not chosen:
        raise InkseekError(f"gallery {gallery.url} is empty; add photos with `inkseek index`")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place until it is whole: what is stopped or fails leaves no half of a site.
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        made = Path(beside) / "site"
        (made / "photos").mkdir(parents=True)
        kept = write_thumbnails(chosen, made / "photos", on_progress)
        if not kept:
            raise InkseekError(f"no photo of gallery {gallery.url} can be read; are they there?")
        write_gallery(kept, gallery, encoder.card, made)
        (made / "model").mkdir()
        for name, content in model.items():
            (made / "model" / name).write_bytes(content)
        write_page(made)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return ExportedSite(
        num_photos=len(kept),
        num_left_out=gallery.count() - len(chosen),
        num_unreadable=len(chosen) - len(kept),
        first_load_bytes=sum(
            path.stat().st_size
            for path in folder.rglob("*")
            if path.is_file() and path.parent.name != "photos"
        ),
    )


def _read_model(encoder: Encoder) -> dict[str, bytes]:
    """The files of the model that a page needs, by name; the networks are those of the card."""
    folder, card = encoder.folder, encoder.card
    if folder is None:
        raise InkseekError("the encoder was not loaded from a model folder; use Encoder.load")
    names = [NETWORK, SELECTOR] if card.selector else [NETWORK]
    networks = {name: read_checked(folder, name, card) for name in names}
    return {CARD: (folder / CARD).read_bytes(), **networks}
