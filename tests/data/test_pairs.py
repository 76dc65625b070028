from collections import Counter

import pytest

from inkseek.data.pairs import parse_split, require, split_by_digest, train_or_val
from inkseek.errors import DatasetError


def test_a_split_name_is_checked():
    assert parse_split("val", "splits.tsv") == "val"
    with pytest.raises(DatasetError, match=r"splits.tsv: 'dev' is not a split"):
        parse_split("dev", "splits.tsv")


def test_digest_splits_are_fixed_and_about_eight_to_one_to_one():
    counts = Counter(split_by_digest(str(i)) for i in range(5000))
    assert 0.77 < counts["train"] / 5000 < 0.83
    assert 0.08 < counts["val"] / 5000 < 0.12
    assert [split_by_digest(k) for k in ("a", "b", "c")] == [
        split_by_digest(k) for k in ("a", "b", "c")
    ]


def test_an_empty_data_set_is_a_wrong_folder(tmp_path):
    with pytest.raises(DatasetError, match="nothing found; check INKSEEK_DATA"):
        require(sorted(tmp_path.glob("*.jpg")), str(tmp_path))


def test_a_tenth_of_the_training_photos_is_for_validation():
    splits = [train_or_val(str(i)) for i in range(4000)]
    assert set(splits) == {"train", "val"}
    assert 0.08 < splits.count("val") / 4000 < 0.12
