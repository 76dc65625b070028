import pytest

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery


@pytest.fixture
def served(monkeypatch):
    served = []

    def run_server(searcher, listener, *, open_page):
        listener.close()
        served.append((searcher, open_page))

    monkeypatch.setattr("inkseek.cli.web.run_server", run_server)
    return served


def test_serves_a_gallery_with_its_model(inkseek, served, tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    code, _, err = inkseek("serve", "--gallery", url, "--model", tiny_model, "--port", "0")
    assert (code, err) == (0, "")
    searcher, open_page = served[0]
    assert searcher.gallery.url == url
    assert open_page


def test_a_gallery_that_is_not_there_is_an_error(inkseek, served, tiny_model, tmp_path):
    code, _, err = inkseek("serve", "--gallery", tmp_path / "none", "--model", tiny_model)
    assert code == 1
    assert "no gallery at" in err
    assert served == []
