from pathlib import Path

import numpy as np
import pytest

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery.store import open_gallery
from inkseek.gallery.unfinished import note_finished, note_unfinished
from inkseek.indexing import rebuild_gallery
from inkseek.search import Searcher
from inkseek.server.searchable import (
    check_searchable,
    is_rebuilding,
    matches_model,
    needs_rebuild,
)
from inkseek.strokes.sketch import Sketch


def test_a_gallery_of_the_served_model_is_searched(library):
    check_searchable(library)
    assert matches_model(library)
    assert not needs_rebuild(library)


@pytest.mark.slow
def test_that_of_another_model_is_not_until_it_is_rebuilt(foreign):
    assert needs_rebuild(foreign)
    with pytest.raises(GalleryMismatchError, match=r"another model \(f{16}\).*in the library"):
        check_searchable(foreign)
    # By another process: this one has to look at the disk.
    rebuild_gallery([], open_gallery(foreign.gallery.url), foreign.encoder, workers=1)
    check_searchable(foreign)
    assert not needs_rebuild(foreign)
    assert len(foreign.search(Sketch((np.float32([[5, 0], [5, 9]]),), 9.0), 9)) == 4


@pytest.mark.slow
def test_one_that_was_indexed_by_another_model_since_is_noticed(library, foreign):
    other = Searcher(open_gallery(library.gallery.url), library.encoder)
    assert not matches_model(other)


def test_half_a_gallery_is_not_searched(library):
    folder = Path(library.gallery.url)
    note_unfinished(folder, [])
    assert is_rebuilding(library)
    assert needs_rebuild(library)
    with pytest.raises(GalleryError, match="embedded anew by the model tiny"):
        check_searchable(library)
    note_finished(folder)
    check_searchable(library)
