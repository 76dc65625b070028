import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from inkseek.errors import PhotoError
from inkseek.gallery.store import Gallery, PhotoRow
from inkseek.server.originals import find_media_type, find_original

PHOTO_ID = "0" * 32


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (4, 4)).save(path)
    return path


@pytest.fixture
def gallery(tmp_path, photo):
    gallery = Gallery.open(str(tmp_path / "gallery"), model_digest="m", dim=2, create=True)
    row = PhotoRow(
        photo_id=PHOTO_ID,
        path=str(photo),
        width=4,
        height=4,
        taken_at=None,
        tags=(),
        near_key=0,
        copies=(),
        file_size=photo.stat().st_size,
        modified_ns=photo.stat().st_mtime_ns,
        embedding=np.float32([1, 0]),
        model_digest="m",
    )
    gallery.upsert([row])
    return gallery


def test_finds_the_file_of_a_photo(gallery, photo):
    assert find_original(gallery, PHOTO_ID) == photo


@pytest.mark.parametrize("photo_id", ["1" * 32, "../photo.png", "' OR 1=1 --", "/etc/passwd"])
def test_finds_nothing_that_is_not_in_the_gallery(gallery, photo_id):
    with pytest.raises(PhotoError, match="in this gallery; search again"):
        find_original(gallery, photo_id)


def test_refuses_a_file_that_changed_since_it_was_indexed(gallery, photo):
    os.utime(photo, ns=(1, 1))
    with pytest.raises(PhotoError, match=r"^photo\.png was moved, changed or deleted"):
        find_original(gallery, PHOTO_ID)


def test_refuses_a_link_that_took_the_place_of_a_photo(gallery, photo, tmp_path):
    (tmp_path / "secret").write_text("secret")
    photo.unlink()
    photo.symlink_to(tmp_path / "secret")
    with pytest.raises(PhotoError, match="changed"):
        find_original(gallery, PHOTO_ID)


def test_falls_back_to_a_copy(gallery, photo, tmp_path):
    copy = photo.rename(tmp_path / "copy.png")
    (row,) = gallery.get([PHOTO_ID])
    stamp = copy.stat().st_mtime_ns
    gallery.upsert([replace(row, copies=(str(copy),), copies_modified_ns=(stamp,))])
    assert find_original(gallery, PHOTO_ID) == copy


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_the_content_tells_the_media_type_whatever_the_name(tmp_path, kind):
    path = tmp_path / "page.html"
    Image.new("RGB", (4, 4)).save(path, kind)
    assert find_media_type(path) == f"image/{kind.lower()}"


def test_what_is_no_picture_is_never_a_page(tmp_path):
    path = tmp_path / "page.svg"
    path.write_text("<svg onload='alert(1)'/>")
    assert find_media_type(path) == "application/octet-stream"
