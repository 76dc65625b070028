import sys
from pathlib import Path

import pytest

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery import Gallery, open_gallery
from inkseek.gallery.store import default_gallery, gallery_folder, recreate_gallery


def test_a_missing_gallery_says_how_to_make_one(tmp_path):
    with pytest.raises(GalleryError, match=r"no gallery at .*; make one with `inkseek index"):
        open_gallery(str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_gallery_is_made_only_when_asked_and_with_a_model(tmp_path):
    with pytest.raises(GalleryError, match="pass the model's digest and dim"):
        open_gallery(str(tmp_path / "g"), create=True)
    made = open_gallery(str(tmp_path / "g"), model_digest="model", dim=3, create=True)
    assert (made.model_digest, made.dim, made.count()) == ("model", 3, 0)


def test_opening_again_keeps_what_is_there(gallery, make_rows):
    gallery.upsert(make_rows(3))
    again = Gallery.open(gallery.url, model_digest="model", dim=16, create=True)
    assert again.count() == 3


def test_another_model_is_refused_with_what_to_do(gallery):
    with pytest.raises(GalleryMismatchError, match=r"indexed by model model, .* --rebuild"):
        Gallery.open(gallery.url, model_digest="other")


def test_a_file_url_is_the_same_as_its_path(gallery, make_rows):
    gallery.upsert(make_rows(2))
    assert Gallery.open(Path(gallery.url).as_uri()).count() == 2


def test_odd_letters_in_a_path_are_only_letters(tmp_path, make_rows):
    url = str(tmp_path / "a b#c?d%20ü'")
    Gallery.open(url, model_digest="model", dim=16, create=True).upsert(make_rows(2))
    assert Gallery.open(url).count() == 2
    assert Gallery.open(Path(url).as_uri()).count() == 2


def test_an_unknown_scheme_is_refused():
    with pytest.raises(GalleryError, match=r"unknown scheme milvus; pass a folder"):
        open_gallery("milvus://host/photos")


def test_a_relative_path_counts_from_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert gallery_folder("here/g") == tmp_path / "here" / "g"


@pytest.mark.skipif(sys.platform != "linux", reason="the place is that of Linux")
def test_the_default_gallery_is_in_the_users_data_folder(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_gallery() == "/data/inkseek/gallery"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_gallery() == "/home/me/.local/share/inkseek/gallery"


def test_making_a_gallery_again_empties_it_and_changes_its_model(gallery, make_rows):
    gallery.upsert(make_rows(3))
    again = recreate_gallery(gallery.url, model_digest="other", dim=4)
    assert (again.count(), again.model_digest, again.dim) == (0, "other", 4)
    assert Gallery.open(gallery.url).model_digest == "other"


def test_a_damaged_gallery_says_so_and_can_be_made_again(gallery, make_rows):
    gallery.upsert(make_rows(3))
    for manifest in Path(gallery.url).rglob("*.manifest"):
        manifest.write_bytes(b"damaged")
    with pytest.raises(GalleryError, match="cannot be opened"):
        Gallery.open(gallery.url)
    assert recreate_gallery(gallery.url, model_digest="model", dim=16).count() == 0
