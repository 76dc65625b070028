import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from inkseek.cli.index import index
from inkseek.cli.quarantine import quarantine
from inkseek.errors import GalleryError, GalleryMismatchError, PhotoError
from inkseek.gallery import Gallery
from inkseek.gallery.store import recreate_gallery
from inkseek.gallery.unfinished import is_unfinished, note_unfinished
from inkseek.indexing.folders import read_folders

app = typer.Typer()
app.command()(index)
app.command()(quarantine)


class MeanEncoder:
    """Mean colours stand in for a trained model."""

    dim = 3
    photo_size = 16

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def embed_photos(self, photos):
        rows = np.stack([np.asarray(photo).mean((0, 1)) for photo in photos]) + 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(autouse=True)
def model(monkeypatch) -> None:
    def load(name: str = "default", **_: object) -> MeanEncoder:
        return MeanEncoder(f"digest of {name}")

    monkeypatch.setattr("inkseek.encoder.Encoder.load", load)


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(3):
        Image.new("RGB", (8, 6), (i * 80, 9, 99)).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def url(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("INKSEEK_GALLERY", str(tmp_path / "g"))
    return str(tmp_path / "g")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_summary_is_one_line_for_people(photos, url):
    told = run("index", photos)
    assert told.startswith(f"3 photos in {url}: 3 added (")
    assert told.count("\n") == 1


def test_the_summary_is_one_object_for_programs(photos, url):
    result = json.loads(run("index", photos, "--json"))
    assert (result["added"], result["photos"], result["gallery"]) == (3, 3, url)
    assert set(result) == {
        *("added", "updated", "moved", "deleted", "unchanged", "quarantined", "duplicates"),
        *("seconds", "gallery", "photos"),
    }


@pytest.mark.slow
def test_without_folders_those_indexed_before_are_brought_up_to_date(photos, url):
    run("index", photos)
    (photos / "0.png").unlink()
    result = json.loads(run("index", "--json"))
    assert (result["deleted"], result["unchanged"]) == (1, 2)


def test_without_any_folder_there_is_nothing_to_do(url):
    with pytest.raises(PhotoError, match=r"nothing was indexed into .* name a folder of photos"):
        run("index")


def test_a_missing_folder_makes_no_gallery(tmp_path, url):
    with pytest.raises(PhotoError, match="does not exist; mount its disk"):
        run("index", tmp_path / "none")
    assert not Path(url).exists()


@pytest.mark.slow
def test_another_model_is_refused_until_the_gallery_is_rebuilt(photos, tmp_path, url):
    single = tmp_path / "single.png"
    Image.new("RGB", (5, 5), "white").save(single)
    run("index", photos, single)
    with pytest.raises(GalleryMismatchError, match="--rebuild"):
        run("index", photos, "--model", "other")
    result = json.loads(run("index", "--rebuild", "--model", "other", "--json"))
    assert (result["added"], result["photos"]) == (4, 4)
    assert Gallery.open(url).model_digest == "digest of other"
    assert read_folders(Path(url)) == [photos]


@pytest.mark.slow
def test_what_a_stopped_rebuild_left_undone_is_done_by_the_next_run(photos, tmp_path, url):
    single = tmp_path / "single.png"
    Image.new("RGB", (5, 5), "white").save(single)
    run("index", photos, single)
    # As a rebuild leaves it that is killed before its first commit.
    note_unfinished(Path(url), [str(single)])
    recreate_gallery(url, model_digest="digest of other", dim=3)
    with pytest.raises(GalleryMismatchError, match="--rebuild"):
        run("index")
    result = json.loads(run("index", "--model", "other", "--json"))
    assert (result["added"], result["photos"]) == (4, 4)
    assert not is_unfinished(Path(url))


@pytest.mark.slow
def test_a_damaged_gallery_is_rebuilt_from_its_photos(photos, url):
    run("index", photos)
    for manifest in Path(url).rglob("*.manifest"):
        manifest.write_bytes(b"damaged")
    with pytest.raises(GalleryError, match="--rebuild"):
        run("index", photos)
    assert json.loads(run("index", "--rebuild", "--json"))["added"] == 3


@pytest.mark.slow
def test_quarantine_tells_why_and_tries_again(photos, url):
    bad = photos / "bad.png"
    bad.write_bytes(b"bad")
    assert "`inkseek quarantine --gallery" in run("index", photos)
    assert run("quarantine").splitlines()[0] == str(bad)
    (entry,) = json.loads(run("quarantine", "--json"))["files"]
    assert entry["path"] == str(bad)
    assert "not a photo we read" in entry["reason"]
    assert len(json.loads(run("quarantine", "--retry", "--json"))["files"]) == 1
    Image.new("RGB", (8, 6), "green").save(bad)
    assert run("quarantine", "--retry") == "No file is in quarantine.\n"
    assert Gallery.open(url).count() == 4


@pytest.mark.slow
def test_a_cleared_quarantine_is_empty(photos, url):
    (photos / "bad.png").write_bytes(b"bad")
    run("index", photos)
    assert json.loads(run("quarantine", "--clear", "--json")) == {"files": []}
    assert json.loads(run("index", photos, "--json"))["quarantined"] == 1


def test_the_quarantine_of_no_gallery_is_an_error(url):
    with pytest.raises(GalleryError, match="no gallery at"):
        run("quarantine")


def test_the_users_own_gallery_is_the_default(photos, monkeypatch, tmp_path):
    monkeypatch.delenv("INKSEEK_GALLERY", raising=False)
    monkeypatch.setattr("inkseek.gallery.store.default_gallery", lambda: str(tmp_path / "mine"))
    assert json.loads(run("index", photos, "--json"))["gallery"] == str(tmp_path / "mine")
