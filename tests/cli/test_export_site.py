import pytest

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.site import page


@pytest.fixture
def url(tiny_model, tmp_path):
    """An empty gallery."""
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    return url


@pytest.fixture(autouse=True)
def runtime(monkeypatch, tmp_path):
    """Empty files in place of the runtime."""
    (tmp_path / "vendor").mkdir()
    for name in page.RUNTIME:
        (tmp_path / "vendor" / name).touch()
    monkeypatch.setattr(page, "SERVICE", tmp_path)
    return tmp_path / "vendor"


def test_an_empty_gallery_is_one_line(inkseek, url, tiny_model, tmp_path):
    out = tmp_path / "site"
    code, _, error = inkseek("export-site", "--gallery", url, "--out", out, "--model", tiny_model)
    assert code == 1
    assert "is empty; add photos with `inkseek index`" in error
    assert error.count("\n") == 1


def test_a_missing_runtime_says_make_web(inkseek, url, tiny_model, tmp_path, runtime):
    (runtime / "ort.js").unlink()
    out = tmp_path / "site"
    code, _, error = inkseek("export-site", "--gallery", url, "--out", out, "--model", tiny_model)
    assert code == 1
    assert "make web" in error


def test_a_limit_above_what_a_page_bears_is_refused(inkseek, url, tiny_model, tmp_path):
    wanted = ("--max-photos", "20001", "--model", tiny_model)
    code, _, error = inkseek("export-site", "--gallery", url, "--out", tmp_path / "site", *wanted)
    assert code == 1
    assert "max_photos is 20001" in error
