from collections import Counter

import pytest

from inkseek.data.datasets.sketchy import read_sketchy, read_unseen
from inkseek.errors import DatasetError


def drawn(pairs, split):
    return {s.photo for s in pairs.sketches if s.split == split}


def test_sketchy_mini_has_the_published_counts(data_root):
    pairs = read_sketchy(data_root / "sketchy-mini")
    assert (len(pairs.photos), len(pairs.sketches)) == (2750, 2750)
    assert [len(drawn(pairs, s)) for s in ("train", "val", "test")] == [220, 107, 180]
    assert set(Counter(p.category for p in pairs.photos).values()) == {25}
    assert len(read_unseen(data_root / "sketchy-mini")) == 22


def test_sketchy_more_has_no_test_split(data_root):
    pairs = read_sketchy(data_root / "sketchy-more", splits="splits.tsv")
    assert (len(pairs.photos), len(pairs.sketches)) == (208, 1402)
    assert drawn(pairs, "test") == set()


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DatasetError, match=str(tmp_path)):
        read_sketchy(tmp_path)
