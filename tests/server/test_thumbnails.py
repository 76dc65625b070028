from io import BytesIO

import pytest
from PIL import Image

from inkseek.errors import PhotoError
from inkseek.server.thumbnails import Thumbnails, make_thumbnail


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (900, 600), (200, 30, 30)).save(path)
    return path


def test_a_thumbnail_fits_its_side_and_keeps_its_shape(photo):
    with Image.open(BytesIO(make_thumbnail(photo, 360))) as image:
        assert (image.format, image.size) == ("JPEG", (360, 240))


def test_a_small_photo_is_not_enlarged(photo):
    with Image.open(BytesIO(make_thumbnail(photo, 1600))) as image:
        assert image.size == (900, 600)


def test_a_thumbnail_is_found_again_by_photo_and_side(photo):
    thumbnails = Thumbnails()
    assert thumbnails.find("a", 360) is None
    made = thumbnails.make("a", 360, photo)
    assert thumbnails.find("a", 360) == made
    assert thumbnails.find("a", 1600) is None
    assert thumbnails.find("b", 360) is None


def test_the_cache_is_bounded_and_drops_what_was_shown_longest_ago(photo):
    size = len(make_thumbnail(photo, 360))
    thumbnails = Thumbnails(max_bytes=2 * size)
    thumbnails.make("a", 360, photo)
    thumbnails.make("b", 360, photo)
    thumbnails.find("a", 360)
    thumbnails.make("c", 360, photo)
    assert [thumbnails.find(photo_id, 360) is not None for photo_id in "abc"] == [True, False, True]


def test_a_thumbnail_that_is_made_twice_counts_once(photo):
    size = len(make_thumbnail(photo, 360))
    thumbnails = Thumbnails(max_bytes=2 * size)
    for photo_id in "aab":
        thumbnails.make(photo_id, 360, photo)
    assert thumbnails.find("a", 360)


def test_what_is_no_photo_is_an_error_and_not_kept(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"no photo")
    thumbnails = Thumbnails()
    with pytest.raises(PhotoError, match=r"x\.jpg"):
        thumbnails.make("x", 360, tmp_path / "x.jpg")
    assert thumbnails.find("x", 360) is None
