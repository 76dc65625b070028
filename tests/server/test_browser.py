import pytest

from inkseek.server import browser
from inkseek.server.browser import RUNTIME, can_encode_on_device, has_runtime


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    for name in RUNTIME:
        (tmp_path / name).touch()
    monkeypatch.setattr(browser, "VENDOR", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", RUNTIME)
def test_each_file_of_the_runtime_is_needed(runtime, searcher, name):
    assert has_runtime()
    assert can_encode_on_device(searcher.encoder)
    (runtime / name).unlink()
    assert not has_runtime()
    assert not can_encode_on_device(searcher.encoder)


def test_the_network_must_be_a_file(runtime, searcher, monkeypatch):
    monkeypatch.setattr(searcher.encoder, "folder", None)
    assert not can_encode_on_device(searcher.encoder)
