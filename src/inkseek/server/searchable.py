"""Whether the gallery can be searched by the served model, as it is on disk now.

Another model may have indexed it before the service started or since, and a rebuild may be under
way, here or in another process.
"""

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery.store import gallery_folder
from inkseek.gallery.unfinished import is_unfinished
from inkseek.search import Searcher


def matches_model(searcher: Searcher) -> bool:
    """Whether the served model made the gallery on disk."""
    searcher.gallery.reload()
    return searcher.gallery.model_digest == searcher.encoder.digest


def is_rebuilding(searcher: Searcher) -> bool:
    """Whether the gallery was emptied to be embedded anew and is not complete again."""
    return is_unfinished(gallery_folder(searcher.gallery.url))


def needs_rebuild(searcher: Searcher) -> bool:
    """Whether nothing can be found before the photos are embedded anew."""
    return is_rebuilding(searcher) or not matches_model(searcher)


def check_searchable(searcher: Searcher) -> None:
    """Refuse a search that could find nothing, or only what is there of half a gallery.

    Raises:
        GalleryMismatchError: Another model indexed the photos.
        GalleryError: They are being embedded anew.
    """
    name = searcher.encoder.card.name
    if is_rebuilding(searcher):
        raise GalleryError(
            f"the photos are being embedded anew by the model {name}, so that nothing can be found "
            "yet; the library says how far that is, and goes on with it"
        )
    # What is in memory is looked at first: the disk is slower than all the rest of a search.
    if searcher.gallery.model_digest != searcher.encoder.digest and not matches_model(searcher):
        raise GalleryMismatchError(
            f"another model ({searcher.gallery.model_digest}) has indexed these photos, so {name} "
            "cannot search them; rebuild them in the library, or start the service with that model"
        )
