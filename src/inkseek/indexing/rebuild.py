"""A gallery embedded anew, by another model or the same, from the files of its photos.

Embeddings of two models cannot stand side by side, so the gallery is emptied first. Whatever it
alone knew is noted before (`gallery.unfinished`), and the note stays until all photos are back: a
run that is killed at any point is gone on with, by whoever rebuilds next.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from inkseek.errors import GalleryError
from inkseek.gallery import Gallery
from inkseek.gallery.store import gallery_folder
from inkseek.gallery.unfinished import (
    is_unfinished,
    note_finished,
    note_unfinished,
    read_unfinished,
)
from inkseek.indexing.embed import PhotoEncoder
from inkseek.indexing.folders import read_folders
from inkseek.indexing.index import IndexProgress, IndexSummary, check_mounted, index_folders
from inkseek.indexing.ledger import Ledger
from inkseek.indexing.lock import hold_lock
from inkseek.indexing.scan import ScanOptions, is_below, scan_folders


def rebuild_gallery(
    paths: Sequence[Path],
    gallery: Gallery,
    encoder: PhotoEncoder,
    *,
    workers: int | None = None,
    batch_size: int = 256,
    options: ScanOptions | None = None,
    on_progress: Callable[[IndexProgress], None] = lambda progress: None,
) -> IndexSummary:
    """Embed every known photo anew; where such a run was stopped, do what is left of it.

    Args:
        paths: Folders and photos to index besides those that were indexed before.
        gallery: To rebuild; bound to the encoder's model afterwards.
        encoder: The model.
        workers: Decoding processes; one a processor that we may run on when None.
        batch_size: Photos in one commit.
        options: How folders are walked.
        on_progress: Called after each commit; what it raises ends the run there.

    Raises:
        PhotoError: A folder does not exist or has lost all its photos; nothing was changed.
        GalleryError: Another process indexes, or the gallery cannot be written.
    """
    options = options or ScanOptions()
    folder = gallery_folder(gallery.url)
    with hold_lock(folder):
        gallery.reload()
        roots = [str(root) for root in read_folders(folder)]
        singles = _find_singles(gallery, folder, roots, paths)
        wanted = [Path(path) for path in (*roots, *singles)]
        if not is_unfinished(folder) or gallery.model_digest != encoder.digest:
            _check_there(gallery, wanted, options)
            note_unfinished(folder, singles)
            gallery.clear(model_digest=encoder.digest, dim=encoder.dim)
    if not wanted:
        note_finished(folder)
        return IndexSummary(*(0,) * 7, seconds=0.0)
    summary = index_folders(
        wanted,
        gallery,
        encoder,
        workers=workers,
        batch_size=batch_size,
        options=options,
        on_progress=on_progress,
    )
    note_finished(folder)
    return summary


def _find_singles(
    gallery: Gallery, folder: Path, roots: Sequence[str], paths: Sequence[Path]
) -> list[str]:
    """What is below no known folder: paths of this run, of the one before, and of the gallery."""
    known = [os.path.abspath(path.expanduser()) for path in (*paths, *read_unfinished(folder))]
    # A damaged gallery is rebuilt from what is known without it.
    with suppress(GalleryError):
        for info in gallery.iter_info():
            known += [info.path, *info.copies]
    singles = [path for path in dict.fromkeys(known) if not is_below(path, roots)]
    return [path for path in singles if not _was_deleted(path)]


def _was_deleted(path: str) -> bool:
    """Gone, but the folder it was in is there, so that no disk is missing."""
    return not os.path.exists(path) and os.path.isdir(os.path.dirname(path))


def _check_there(gallery: Gallery, wanted: Sequence[Path], options: ScanOptions) -> None:
    """Refuse while nothing is lost yet: the emptied gallery will not know what is missing."""
    if not wanted:
        return
    scan = scan_folders(wanted, options)
    if not options.allow_empty:
        # What a damaged gallery held cannot be missed.
        with suppress(GalleryError):
            check_mounted(Ledger(gallery.iter_info(), scan))
