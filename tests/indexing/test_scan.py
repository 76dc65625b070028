import os
import sys
from pathlib import Path

import pytest

from inkseek.errors import PhotoError
from inkseek.indexing.scan import FileStamp, ScanOptions, is_below, scan_folders
from inkseek.raster.photo import SUFFIXES

LINKS = ScanOptions(follow_symlinks=True)


def names(scan) -> list[str]:
    return sorted(Path(path).name for path in scan.files)


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_photo_files_are_found_at_any_depth_whatever_the_case_of_their_suffix(tmp_path):
    for name in ("a.jpg", "deep/er/b.HEIC", "c.Png", "notes.txt", "movie.mp4", "jpg", "d.svg"):
        put(tmp_path / name)
    assert names(scan_folders([tmp_path], ScanOptions())) == ["a.jpg", "b.HEIC", "c.Png"]


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    for name in ("a.jpg", "._a.jpg", ".thumbnails/b.jpg"):
        put(tmp_path / name)
    assert names(scan_folders([tmp_path], ScanOptions())) == ["a.jpg"]


def test_a_stamp_is_the_size_and_the_time_of_the_file(tmp_path):
    path = put(tmp_path / "a.jpg", b"four")
    os.utime(path, ns=(1, 1_234_567_890_123_456_700))
    scan = scan_folders([tmp_path], ScanOptions())
    assert scan.files == {str(path): FileStamp(4, 1_234_567_890_123_456_700)}


def test_a_file_named_on_its_own_is_taken_whatever_its_suffix(tmp_path):
    path = put(tmp_path / "scan.dat")
    assert names(scan_folders([path], ScanOptions())) == ["scan.dat"]


def test_roots_may_overlap_and_repeat(tmp_path):
    put(tmp_path / "sub" / "a.jpg")
    scan = scan_folders([tmp_path, tmp_path / "sub", tmp_path], ScanOptions())
    assert names(scan) == ["a.jpg"]
    assert scan.roots == (str(tmp_path), str(tmp_path / "sub"))


def test_a_relative_root_becomes_absolute(tmp_path, monkeypatch):
    put(tmp_path / "sub" / "a.jpg")
    monkeypatch.chdir(tmp_path)
    scan = scan_folders([Path("sub/../sub")], ScanOptions())
    assert list(scan.files) == [str(tmp_path / "sub" / "a.jpg")]


def test_a_missing_root_is_an_error_that_names_it(tmp_path):
    put(tmp_path / "a.jpg")
    with pytest.raises(PhotoError, match=r"gone does not exist; mount its disk"):
        scan_folders([tmp_path, tmp_path / "gone"], ScanOptions())


def test_no_root_is_an_error():
    with pytest.raises(PhotoError, match="name a folder of photos"):
        scan_folders([], ScanOptions())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_followed_only_when_asked_and_a_loop_is_entered_once(tmp_path):
    put(tmp_path / "root" / "a.jpg")
    put(tmp_path / "elsewhere" / "b.jpg")
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "c.jpg").symlink_to(tmp_path / "elsewhere" / "b.jpg")
    (tmp_path / "root" / "broken.jpg").symlink_to(tmp_path / "nowhere")
    assert names(scan_folders([tmp_path / "root"], ScanOptions())) == ["a.jpg"]
    assert names(scan_folders([tmp_path / "root"], LINKS)) == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_root_may_itself_be_a_link(tmp_path):
    put(tmp_path / "real" / "a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    scan = scan_folders([tmp_path / "link"], ScanOptions())
    assert list(scan.files) == [str(tmp_path / "link" / "a.jpg")]


def test_nothing_is_known_of_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    put(tmp_path / "open" / "a.jpg")
    closed = put(tmp_path / "closed" / "b.jpg")
    listed = os.scandir

    def deny(folder):
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return listed(folder)

    monkeypatch.setattr(os, "scandir", deny)
    scan = scan_folders([tmp_path], ScanOptions())
    assert names(scan) == ["a.jpg"]
    assert scan.unreadable == {str(closed.parent): "the folder cannot be listed: Permission denied"}
    assert not scan.covers(str(closed))
    assert scan.covers(str(tmp_path / "open" / "gone.jpg"))
    assert not scan.covers("/elsewhere/a.jpg")


def test_a_folder_is_no_prefix_of_its_neighbours():
    assert is_below("/p/a/1.jpg", ["/p/a"])
    assert is_below("/p/a", ["/p/a"])
    assert is_below("/p/a", ["/"])
    assert not is_below("/p/ab/1.jpg", ["/p/a"])


def test_every_suffix_is_lower_case_with_its_dot():
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in SUFFIXES)
