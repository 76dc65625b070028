import sys

import pytest

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery


@pytest.fixture
def gallery(tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    return Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)


def test_serves_a_gallery_over_standard_input_and_output(inkseek, gallery, tiny_model, monkeypatch):
    from mcp.server import MCPServer

    run = []
    monkeypatch.setattr(MCPServer, "run", lambda self, transport: run.append(transport))
    code, out, err = inkseek("mcp", "--gallery", gallery.url, "--model", tiny_model)
    assert (code, out, err) == (0, "", "")
    assert run == ["stdio"]


def test_without_the_extra_it_says_what_to_install(inkseek, monkeypatch):
    monkeypatch.delitem(sys.modules, "inkseek.mcp", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    code, _, err = inkseek("mcp")
    assert code == 1
    assert "pip install 'inkseek[mcp]'" in err


def test_a_gallery_that_is_not_there_is_an_error(inkseek, tiny_model, tmp_path):
    code, _, err = inkseek("mcp", "--gallery", tmp_path / "none", "--model", tiny_model)
    assert (code, "no gallery at" in err) == (1, True)
