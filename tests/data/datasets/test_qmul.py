import pytest

from inkseek.data.datasets.qmul import read_qmul
from inkseek.data.pack import pack
from inkseek.errors import DatasetError


def test_coordinates_make_pairs_by_the_part_of_their_key(shoev2):
    pairs = read_qmul(shoev2, stem="ShoeV2", category="shoe")
    assert pairs.name == "shoev2"
    assert [p.path.name for p in pairs.photos] == ["11.png", "22.png", "33.png"]
    assert [(s.line, s.photo) for s in pairs.sketches] == [(0, 0), (1, 0), (2, 1)]
    assert pairs.photos[0].split in ("train", "val")
    assert [pairs.photos[1].split, pairs.photos[2].split] == ["test", None]
    assert [s.split == "test" for s in pairs.sketches] == [False, False, True]


def test_coordinates_are_packed_as_strokes(shoev2, tmp_path):
    packed = pack(
        read_qmul(shoev2, stem="ShoeV2", category="shoe"), tmp_path / "cache", photo_size=8
    )
    assert [len(packed.sketches[i].strokes) for i in range(3)] == [2, 1, 2]
    assert packed.sketches[2].strokes[1].tolist() == [[50, 60], [50, 200]]


def test_lists_make_pairs_and_strokes_are_preferred(chairv2):
    pairs = read_qmul(chairv2, stem="ChairV2", category="chair")
    assert [s.path.name for s in pairs.sketches] == ["11_1.png", "11_2.svg", "22_1.png"]
    assert [s.photo for s in pairs.sketches] == [0, 0, 1]
    assert [p.split == "test" for p in pairs.photos] == [False, True]


def test_a_sketch_in_the_list_of_the_other_split_is_named(chairv2):
    (chairv2 / "sketch_test.txt").write_text("11_1.svg\n")
    with pytest.raises(DatasetError, match=r"sketch_test.txt: 11_1.svg was drawn of a photo that"):
        read_qmul(chairv2, stem="ChairV2", category="chair")


@pytest.mark.parametrize(
    ("line", "reason"), [("../11_1.svg", "plain file name"), ("11.svg", "not named as <photo>_")]
)
def test_strange_names_are_refused(chairv2, line, reason):
    (chairv2 / "sketch_train.txt").write_text(line)
    with pytest.raises(DatasetError, match=reason):
        read_qmul(chairv2, stem="ChairV2", category="chair")


def test_the_photo_of_a_sketch_is_all_before_the_last_underscore(chairv2, add_photo):
    add_photo(chairv2 / "ChairV2_photo" / "a_b.png")
    (chairv2 / "photo_train.txt").write_text("a_b.png\n")
    (chairv2 / "sketch_train.txt").write_text("a_b_3.png\n")
    sketch = read_qmul(chairv2, stem="ChairV2", category="chair").sketches[0]
    assert (sketch.path.name, sketch.photo) == ("a_b_3.png", 0)


def test_a_folder_of_neither_layout_is_named(tmp_path):
    with pytest.raises(DatasetError, match="neither ShoeV2_Coordinate"):
        read_qmul(tmp_path, stem="ShoeV2", category="shoe")
