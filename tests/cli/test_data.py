import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from inkseek.cli.main import app

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M1 1L9 9"/></svg>'


@pytest.fixture
def folder(tmp_path):
    for kind in ("photo", "sketch"):
        (tmp_path / kind).mkdir()
    for i in range(5):
        Image.fromarray(np.full((9, 9, 3), 40 * i, np.uint8)).save(tmp_path / f"photo/{i}.png")
        (tmp_path / f"sketch/{i}.svg").write_text(SVG)
    return tmp_path


def check(folder, *options):
    return CliRunner().invoke(app, ["data", "pairs", str(folder), *options])


def test_a_good_folder_is_counted_and_the_next_command_named(folder):
    result = check(folder)
    assert result.exit_code == 0
    assert "5 photos; 5 sketches of 5 of them (4 to train on, 1 to validate)" in result.output
    assert f"inkseek train recipes/own.yaml --set 'sets=[\"pairs:{folder}\"]'" in result.output


def test_what_is_wrong_is_listed_file_by_file(folder):
    (folder / "sketch/cup.svg").write_text(SVG)
    (folder / "sketch/1.svg").write_text("<svg")
    (folder / "photo/2.png").write_bytes(b"not a picture")
    result = check(folder, "--json")
    assert result.exit_code == 1
    summary = json.loads(result.output)
    assert not summary["ready"]
    assert [path.rpartition("/")[2] for path in summary["sketches_without_photo"]] == ["cup.svg"]
    assert {path.rpartition("/")[2] for path in summary["unreadable"]} == {"1.svg", "2.png"}


def test_photos_alone_are_ready_with_pseudo_sketches(folder):
    for path in (folder / "sketch").iterdir():
        path.unlink()
    (folder / "sketch").rmdir()
    result = check(folder, "--json")
    assert json.loads(result.output)["pseudo_sketches"] is True
