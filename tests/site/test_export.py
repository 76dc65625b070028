import hashlib

import pytest

from inkseek.card import read_card
from inkseek.encoder import Encoder
from inkseek.errors import GalleryMismatchError, InkseekError
from inkseek.gallery.store import Gallery
from inkseek.site import export
from inkseek.site.export import MAX_PHOTOS, export_site


@pytest.fixture(autouse=True)
def _with_runtime(runtime):
    """Every test has one but the last."""


@pytest.fixture
def quick(monkeypatch):
    """Pictures that need no process; `test_photos.py` is about the real ones."""

    def write(infos, folder, on_progress):
        for i in range(len(infos)):
            (folder / f"{i}.jpg").write_bytes(b"a picture")
        return list(infos)

    monkeypatch.setattr(export, "write_thumbnails", write)


@pytest.mark.slow
def test_a_site_has_all_its_parts(gallery, encoder, tmp_path):
    folder = tmp_path / "made" / "site"
    site = export_site(gallery, encoder, folder)
    assert (site.num_photos, site.num_left_out, site.num_unreadable) == (6, 0, 0)
    assert [*folder.parent.iterdir()] == [folder]
    parts = {path.name for path in folder.iterdir()}
    assert {"index.html", "gallery.json", "embeddings.f16", "model", "vendor", "photos"} <= parts
    card = read_card(folder / "model")
    network = (folder / "model" / "student.onnx").read_bytes()
    assert hashlib.sha256(network).hexdigest() == card.files["student.onnx"]


def test_the_network_that_chooses_the_canvas_goes_with_it(quick, gallery, choosing_model, tmp_path):
    export_site(gallery, Encoder.load(choosing_model), tmp_path / "site")
    for name in ("card.json", "student.onnx", "selector.onnx"):
        sent = (tmp_path / "site" / "model" / name).read_bytes()
        assert sent == (choosing_model / name).read_bytes()
    assert (tmp_path / "site" / "selector.js").is_file()


def test_the_first_load_is_all_but_the_photos(quick, gallery, encoder, tmp_path):
    folder = tmp_path / "site"
    site = export_site(gallery, encoder, folder)
    pictures = sum(path.stat().st_size for path in (folder / "photos").iterdir())
    whole = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert site.first_load_bytes == whole - pictures


def test_a_larger_gallery_is_cut_and_says_so(quick, gallery, encoder, tmp_path):
    site = export_site(gallery, encoder, tmp_path / "site", max_photos=4)
    assert (site.num_photos, site.num_left_out) == (4, 2)
    assert len(list((tmp_path / "site" / "photos").iterdir())) == 4


@pytest.mark.parametrize("count", [0, MAX_PHOTOS + 1])
def test_a_limit_out_of_range_is_refused(gallery, encoder, tmp_path, count):
    with pytest.raises(InkseekError, match="max_photos"):
        export_site(gallery, encoder, tmp_path / "site", max_photos=count)


def test_a_folder_with_something_in_it_is_left_alone(gallery, encoder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("precious")
    with pytest.raises(InkseekError, match="not an empty folder"):
        export_site(gallery, encoder, tmp_path / "mine")
    assert (tmp_path / "mine" / "index.html").read_text() == "precious"


def test_an_empty_gallery_makes_no_site(encoder, tmp_path):
    empty = Gallery.open(
        str(tmp_path / "none"), model_digest=encoder.digest, dim=encoder.dim, create=True
    )
    with pytest.raises(InkseekError, match="is empty"):
        export_site(empty, encoder, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.slow
def test_photos_that_are_all_gone_make_no_site(gallery, encoder, tmp_path):
    for path in (tmp_path / "private" / "photos").iterdir():
        path.unlink()
    with pytest.raises(InkseekError, match="no photo"):
        export_site(gallery, encoder, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_another_model_than_the_gallery_s_is_refused(encoder, tmp_path):
    other = Gallery.open(str(tmp_path / "other"), model_digest="ab" * 8, dim=16, create=True)
    with pytest.raises(GalleryMismatchError):
        export_site(other, encoder, tmp_path / "site")


def test_an_encoder_without_a_folder_has_no_model_to_give(gallery, tiny_model, tmp_path):
    card = read_card(tiny_model)
    nowhere = Encoder(card, (tiny_model / "student.onnx").read_bytes())
    with pytest.raises(InkseekError, match="model folder"):
        export_site(gallery, nowhere, tmp_path / "site")


def test_without_the_runtime_nothing_is_written(gallery, encoder, runtime, tmp_path):
    (runtime / "ort.js").unlink()
    with pytest.raises(InkseekError, match="make web"):
        export_site(gallery, encoder, tmp_path / "site")
    assert not (tmp_path / "site").exists()
