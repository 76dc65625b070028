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


@pytest.fixture
def chairs(tmp_path):
    for part, name in (("train", "1"), ("test", "2")):
        for kind, suffix in (("images", "jpg"), ("sketches", "png")):
            path = tmp_path / part / kind / f"{name}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.full((32, 32), 255, np.uint8)
            pixels[4:28, 15:17] = 0
            Image.fromarray(pixels).save(path)
    return tmp_path


def test_a_release_is_held_against_what_was_published(chairs):
    result = CliRunner().invoke(app, ["data", "verify", "chairv1", str(chairs)])
    assert result.exit_code == 1
    assert "train photos             1       200" in result.output
    assert "1 test sketches found, 97 published" in result.output


def test_a_complete_release_says_how_a_recipe_names_it(chairs, monkeypatch):
    from dataclasses import replace

    from inkseek.data.releases import RELEASES
    from inkseek.data.verify import Count

    whole = replace(RELEASES["chairv1"], expected={"photos": Count(2)})
    monkeypatch.setitem(RELEASES, "chairv1", whole)
    result = CliRunner().invoke(app, ["data", "verify", "chairv1", str(chairs), "--files"])
    assert result.exit_code == 0
    assert f"as chairv1:{chairs}" in result.output
    (chairs / "test/images/2.jpg").write_bytes(b"no picture")
    verify = ["data", "verify", "chairv1", str(chairs), "--files", "--json"]
    result = CliRunner().invoke(app, verify)
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert list(summary["unreadable"]) == [str(chairs / "test/images/2.jpg")]
    assert summary["published"] == {"photos": 2}
    assert not summary["complete"]


def test_an_unknown_release_is_an_error(tmp_path):
    from inkseek.errors import DatasetError

    result = CliRunner().invoke(app, ["data", "verify", "shoes", str(tmp_path)])
    assert isinstance(result.exception, DatasetError)
    assert "known: shoev2, chairv2" in str(result.exception)
