import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest
from PIL import Image

from inkseek.assets import find_asset
from inkseek.encoder import Encoder


@pytest.fixture
def served(monkeypatch, tmp_path, tiny_model):
    """Three sample pictures, and the searchers that would have been served."""
    photos = tmp_path / "samples" / "photos"
    photos.mkdir(parents=True)
    for i in range(3):
        Image.new("RGB", (8, 6), (i * 80, 9, 99)).save(photos / f"{i}.png")
    load = Encoder.load
    served = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "inkseek.encoder.Encoder.load", lambda model, **more: load(tiny_model, **more)
    )
    monkeypatch.setattr("inkseek.assets.find_asset", lambda name: tmp_path / name)

    def run_server(searcher, listener, **_):
        listener.close()
        served.append(searcher)

    monkeypatch.setattr("inkseek.cli.web.run_server", run_server)
    return served


def test_indexes_the_samples_into_the_cache_of_the_user_and_serves_them(inkseek, served, tmp_path):
    code, out, _ = inkseek("demo", "--port", "0")
    assert code == 0
    assert "3 added" in out
    assert served[0].gallery.count() == 3
    assert served[0].gallery.url == str(tmp_path / "cache" / "inkseek" / "samples")


@pytest.mark.slow
def test_a_second_time_there_is_nothing_to_index(inkseek, served):
    for _ in range(2):
        _, out, _ = inkseek("demo", "--port", "0")
    assert "3 unchanged" in out
    assert len(served) == 2


@pytest.mark.slow
def test_the_samples_are_indexed_again_for_another_model(inkseek, served):
    inkseek("demo", "--port", "0")
    served[0].gallery.clear(model_digest="another", dim=3)
    code, out, _ = inkseek("demo", "--port", "0")
    assert code == 0
    assert "3 added" in out
    assert served[1].gallery.model_digest == served[1].encoder.digest


@pytest.mark.slow
def test_the_demo_answers_and_ends_with_ctrl_c(tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "inkseek", "demo", "--no-open", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            words = next(line for line in process.stdout if line.startswith("Draw at")).split()
            with urllib.request.urlopen(f"{words[2]}api/health") as answer:
                health = json.load(answer)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    assert health["photos"] == len(list((find_asset("samples") / "photos").iterdir()))
