import pytest

from inkseek.data.datasets.quickdraw import UNSEEN, read_quickdraw
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


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DatasetError, match=str(tmp_path)):
        read_quickdraw(tmp_path)
