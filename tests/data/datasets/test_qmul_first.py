import pytest

from inkseek.data.datasets.qmul_first import read_qmul_first
from inkseek.errors import DatasetError


def test_a_photo_and_a_sketch_of_one_name_are_a_pair(chairv1):
    pairs = read_qmul_first(chairv1, name="chairv1", category="chair")
    assert [p.path.name for p in pairs.photos] == ["1.jpg", "2.jpg", "3.jpg"]
    assert [(s.path.name, s.photo) for s in pairs.sketches] == [
        ("1.png", 0), ("2.png", 1), ("3.png", 2),
    ]  # fmt: skip
    assert [s.split == "test" for s in pairs.sketches] == [False, False, True]
    assert {p.group for p in pairs.photos} == {"chairv1"}


def test_one_without_the_other_is_named(chairv1):
    (chairv1 / "train/sketches/2.png").rename(chairv1 / "train/sketches/02.png")
    with pytest.raises(DatasetError, match=r"2 names have .* such as '02'"):
        read_qmul_first(chairv1, name="chairv1", category="chair")
    with pytest.raises(DatasetError, match="no folder"):
        read_qmul_first(chairv1 / "train", name="chairv1", category="chair")
