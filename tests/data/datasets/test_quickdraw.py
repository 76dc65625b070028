import pytest

from inkseek.data.datasets.quickdraw import UNSEEN, read_quickdraw, read_quickdraw_strokes
from inkseek.data.datasets.sketchy import read_unseen
from inkseek.errors import DatasetError


def test_quickdraw_counts_each_drawing_once_and_holds_back_thirteen_categories(data_root):
    pairs = read_quickdraw(data_root / "quickdraw")
    categories = {p.category for p in pairs.photos}
    assert len(pairs.photos) == 7800
    assert len(categories) == 65
    assert len(UNSEEN & categories) == 13
    assert all(s.photo is None for s in pairs.sketches)
    unseen = read_unseen(data_root / "sketchy-mini")
    assert unseen & categories <= UNSEEN


@pytest.mark.slow
def test_the_other_categories_lend_their_strokes_to_photos_of_other_sets(data_root):
    strokes = read_quickdraw_strokes(data_root / "quickdraw")
    with_photos = {p.category for p in read_quickdraw(data_root / "quickdraw").photos}
    categories = {s.category for s in strokes.sketches}
    assert not strokes.photos
    assert len(categories) == 345 - 65
    assert not categories & with_photos
    assert "hot-air balloon" in categories  # as Sketchy writes it


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DatasetError, match=str(tmp_path)):
        read_quickdraw(tmp_path)
