import pytest

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery


@pytest.fixture
def served(monkeypatch):
    served = []

    def run_server(searcher, listener, access, *, watch, open_page):
        served.append((searcher, open_page, listener.getsockname()[0], access))
        listener.close()

    monkeypatch.setattr("inkseek.cli.web.run_server", run_server)
    return served


def test_serves_a_gallery_with_its_model(inkseek, served, tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    code, _, err = inkseek("serve", "--gallery", url, "--model", tiny_model, "--port", "0")
    assert (code, err) == (0, "")
    searcher, open_page, host, access = served[0]
    assert searcher.gallery.url == url
    assert open_page
    assert host == "127.0.0.1"
    assert access.token is None


def test_another_address_needs_a_token_which_is_made(inkseek, served, tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    options = ("--gallery", url, "--model", tiny_model, "--port", "0", "--host", "0.0.0.0")
    assert inkseek("serve", *options)[0] == 0
    assert inkseek("serve", *options, "--token", "of-my-own-making")[0] == 0
    (*_, host, access), (*_, chosen) = served
    assert host == "0.0.0.0"
    assert len(access.token) >= 32
    assert chosen.token == "of-my-own-making"


def test_a_gallery_that_is_not_there_is_an_error(inkseek, served, tiny_model, tmp_path):
    code, _, err = inkseek("serve", "--gallery", tmp_path / "none", "--model", tiny_model)
    assert code == 1
    assert "no gallery at" in err
    assert served == []
