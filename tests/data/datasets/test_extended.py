from dataclasses import replace

import pytest

from inkseek.data.datasets.extended import ExtendedLayout, read_extended
from inkseek.data.tasks import make_tasks
from inkseek.errors import DatasetError

LAYOUT = ExtendedLayout(
    "toy-ext", ("wine bottle",), "zeroshot", "sketch", "photo", ("png",), ("jpg", "more")
)


@pytest.fixture
def folders(tmp_path, add_photo, add_drawing):
    for category in ("wine_bottle", "cup"):
        add_drawing(tmp_path / "png" / category / "1.png")
        add_photo(tmp_path / "jpg" / category / "a.JPEG")
    add_photo(tmp_path / "more" / "cup" / "b.jpg")
    return tmp_path


@pytest.fixture
def lists(folders):
    (folders / "zeroshot").mkdir()
    for name, text in {
        "cname_cid": "cup 0\n",
        "cname_cid_zero": "wine bottle 0\n",
        "sketch_train": "png/cup/1.png 0\n",
        "sketch_zero": "png/wine_bottle/1.png 0\n",
        "photo_train": "jpg/cup/a.JPEG 0\n",
        "photo_zero": "jpg/wine_bottle/a.JPEG 0\n",
    }.items():
        (folders / "zeroshot" / f"{name}.txt").write_text(text)
    return folders


def test_folders_are_split_by_the_unseen_classes(folders):
    pairs = read_extended(folders, LAYOUT)
    assert {(p.category, p.split == "test") for p in pairs.photos} == {
        ("wine bottle", True), ("cup", False),
    }  # fmt: skip
    assert len(pairs.photos) == 3
    assert all(s.photo is None for s in pairs.sketches)


def test_lists_say_which_files_count(lists):
    pairs = read_extended(lists, LAYOUT)
    assert [p.path.name for p in pairs.photos] == ["a.JPEG", "a.JPEG"]
    assert [s.split == "test" for s in pairs.sketches] == [False, True]
    assert all(p.path.is_file() for p in pairs.photos)


def test_the_test_task_searches_unseen_photos_by_category(lists):
    (task,) = make_tasks([read_extended(lists, LAYOUT)], "test", frozenset(LAYOUT.unseen))
    assert task.name == "toy-ext"
    assert task.queries.tolist() == [1]
    assert task.gallery.tolist() == [1]


def test_another_split_than_the_published_one_is_refused(lists):
    with pytest.raises(DatasetError, match=r"another split than toy-ext: they differ in bell, win"):
        read_extended(lists, replace(LAYOUT, unseen=("bell",)))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("png/cup/1.png 7", "names no class"),
        ("../cup/1.png 0", "elsewhere"),
        ("png/cup/1.png", "does not end in the number"),
    ],
)
def test_broken_lists_are_named(lists, line, reason):
    (lists / "zeroshot/sketch_train.txt").write_text(line)
    with pytest.raises(DatasetError, match=reason):
        read_extended(lists, LAYOUT)


def test_missing_lists_and_categories_are_named(lists):
    (lists / "zeroshot/photo_zero.txt").unlink()
    with pytest.raises(DatasetError, match=r"no list .*photo_zero.txt"):
        read_extended(lists, LAYOUT)
    with pytest.raises(DatasetError, match="no sketches of 1 unseen categories, such as 'bell'"):
        read_extended(lists, replace(LAYOUT, unseen=("bell", "cup"), lists="none"))
