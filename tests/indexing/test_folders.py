from pathlib import Path

import pytest

from inkseek.errors import GalleryError
from inkseek.indexing.folders import FILE_NAME, read_folders, remember_folders


def make(tmp_path: Path, *names: str) -> list[str]:
    for name in names:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    return [str(tmp_path / name) for name in names]


def test_a_new_gallery_has_no_folders(tmp_path):
    assert read_folders(tmp_path) == []


def test_folders_are_remembered_in_order_and_once(tmp_path):
    b, a = make(tmp_path, "b", "a")
    remember_folders(tmp_path, [b])
    remember_folders(tmp_path, [a, b])
    assert read_folders(tmp_path) == [Path(b), Path(a)]


def test_a_folder_takes_the_place_of_those_below_it(tmp_path):
    inner, near, outer = make(tmp_path, "a/b", "a b", "a")
    remember_folders(tmp_path, [inner, near])
    remember_folders(tmp_path, [outer])
    assert read_folders(tmp_path) == [Path(near), Path(outer)]


def test_files_are_not_folders(tmp_path):
    file = tmp_path / "a.jpg"
    file.touch()
    remember_folders(tmp_path, [str(file)])
    assert read_folders(tmp_path) == []


def test_a_damaged_list_says_what_to_do(tmp_path):
    (tmp_path / FILE_NAME).write_text("[")
    with pytest.raises(GalleryError, match="delete it and name the folders again"):
        read_folders(tmp_path)
