import pytest

from inkseek.data.datasets.emoji import read_emoji
from inkseek.errors import DatasetError


def drawn(pairs, split):
    return {s.photo for s in pairs.sketches if s.split == split}


def test_every_emoji_is_one_pair(data_root):
    pairs = read_emoji(data_root / "emoji")
    assert [s.photo for s in pairs.sketches] == list(range(1376))
    assert [len(drawn(pairs, s)) for s in ("train", "val", "test")] == [963, 137, 276]


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DatasetError, match=str(tmp_path)):
        read_emoji(tmp_path)
