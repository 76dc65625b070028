import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inkseek.server.app import create_app
from inkseek.server.jobs import Jobs
from inkseek.server.problems import ConflictError
from inkseek.server.watch import Watcher


class Started(Jobs):
    """Remembers what was started, or is busy."""

    def __init__(self):
        self.folders = []
        self.is_busy = False

    def start(self, kind, folders):
        if self.is_busy:
            raise ConflictError("busy")
        self.folders.append((kind, folders))


@pytest.fixture
def watcher(library):
    return Watcher(Started(), Path(library.gallery.url), seconds=0.01)


def test_the_first_look_catches_up_and_later_ones_wait_for_a_change(watcher, add_photos, tmp_path):
    photos = str(tmp_path / "photos")
    assert [watcher.look() for _ in range(3)] == [True, False, False]
    add_photos(1)
    assert [watcher.look() for _ in range(2)] == [True, False]
    (tmp_path / "photos" / "down.png").unlink()
    assert watcher.look()
    assert watcher._jobs.folders == [("index", [photos])] * 3


def test_what_changes_while_a_job_runs_is_not_forgotten(watcher, add_photos):
    watcher.look()
    add_photos(1)
    watcher._jobs.is_busy = True
    assert not watcher.look()
    watcher._jobs.is_busy = False
    assert watcher.look()


def test_a_folder_that_is_away_is_not_watched(watcher, tmp_path):
    (tmp_path / "photos").rename(tmp_path / "away")
    assert watcher.folders == []
    assert not watcher.look()


def test_a_failure_is_logged_and_the_next_look_comes(watcher, monkeypatch, caplog):
    looks = []

    def fail():
        looks.append(1)
        raise OSError("the disk is gone")

    monkeypatch.setattr(watcher, "look", fail)
    watcher.start()
    while len(looks) < 3:
        time.sleep(0.01)
    watcher.stop()
    assert "the disk is gone" in caplog.text


@pytest.mark.slow
def test_a_service_that_watches_indexes_a_new_photo(library, add_photos, tmp_path):
    add_photos(1)
    app = create_app(library, watch=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/api/library").json()["watched"] == [str(tmp_path / "photos")]
        for _ in range(3000):
            if client.get("/api/health").json()["photos"] == 2:
                break
            time.sleep(0.1)
        assert client.get("/api/jobs").json()[0]["kind"] == "index"
        assert client.get("/api/health").json()["photos"] == 2
