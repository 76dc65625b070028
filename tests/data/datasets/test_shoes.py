import pytest

from inkseek.data.datasets.shoes import read_shoes
from inkseek.errors import DatasetError


def drawn(pairs, split):
    return {s.photo for s in pairs.sketches if s.split == split}


def test_shoes_have_three_drawers_each_and_two_thousand_distractors(data_root):
    pairs = read_shoes(data_root / "shoes")
    assert [len(drawn(pairs, s)) for s in ("train", "val", "test")] == [170, 24, 50]
    assert len(pairs.sketches) == 732
    assert sum(p.group == "shoes/more" for p in pairs.photos) == 2000


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DatasetError, match=str(tmp_path)):
        read_shoes(tmp_path)
