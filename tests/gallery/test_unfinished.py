import pytest

from inkseek.errors import GalleryError
from inkseek.gallery.unfinished import (
    FILE_NAME,
    check_finished,
    is_unfinished,
    note_finished,
    note_unfinished,
    read_unfinished,
)


def test_what_is_noted_is_read_until_it_is_done(tmp_path):
    assert (is_unfinished(tmp_path), read_unfinished(tmp_path)) == (False, [])
    check_finished(tmp_path)
    note_unfinished(tmp_path, ["/a/ü.jpg", "/b.jpg"])
    assert is_unfinished(tmp_path)
    assert [str(path) for path in read_unfinished(tmp_path)] == ["/a/ü.jpg", "/b.jpg"]
    with pytest.raises(GalleryError, match=rf"embedded anew.*--rebuild --gallery {tmp_path}"):
        check_finished(tmp_path)
    for _ in range(2):
        note_finished(tmp_path)
        assert not is_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"[1]", b"7", b"\xff"])
def test_a_damaged_note_is_told(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert is_unfinished(tmp_path)
    with pytest.raises(GalleryError, match=r"rebuild\.json is damaged; delete it"):
        read_unfinished(tmp_path)
