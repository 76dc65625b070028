from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inkseek.gallery.store import recreate_gallery
from inkseek.indexing.quarantine import Quarantine, Quarantined
from inkseek.server.app import create_app
from inkseek.server.browser import has_runtime


def open_client(searcher):
    return TestClient(create_app(searcher), base_url="http://127.0.0.1")


def test_the_library_says_what_is_indexed_and_with_what(client, searcher):
    photos = str(Path(searcher.gallery.url).parent / "photos")
    assert client.get("/api/library").json() == {
        "photos": 3,
        "folders": [photos],
        "model": "tiny",
        "model_matches": True,
        "rebuilding": False,
        "quarantined": 0,
        "watched": [],
        "events": "/api/jobs/events",
        "can_tidy": False,
        "can_suggest": False,
        "can_encode_on_device": has_runtime(),
    }


def test_quarantined_files_are_listed_with_their_reason(library):
    Quarantine(Path(library.gallery.url)).append(
        [Quarantined("/b.jpg", "is damaged", 1, 1), Quarantined("/a.jpg", "is empty", 1, 1)]
    )
    client = open_client(library)
    assert client.get("/api/library").json()["quarantined"] == 2
    assert client.get("/api/quarantine").json() == [
        {"path": "/a.jpg", "reason": "is empty"},
        {"path": "/b.jpg", "reason": "is damaged"},
    ]


@pytest.mark.slow
def test_a_gallery_of_another_model_is_noticed(library, problem, drawn):
    client = open_client(library)
    recreate_gallery(library.gallery.url, model_digest="f" * 16, dim=16)
    assert client.get("/api/library").json()["model_matches"] is False
    assert "another model (ffff" in problem(client.post("/api/search", json=drawn("down")), 503)
