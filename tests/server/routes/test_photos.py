import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inkseek.indexing import index_folders
from inkseek.server.app import create_app


@pytest.fixture
def down(client, drawn):
    return client.post("/api/search", json=drawn("down", k=1)).json()["hits"][0]["photo_id"]


def test_rows_come_by_path_and_in_pages(client):
    whole = client.get("/api/photos").json()
    assert [row["name"] for row in whole["photos"]] == ["across.png", "corner.png", "down.png"]
    page = client.get("/api/photos", params={"offset": 1, "limit": 1}).json()
    assert page == {"photos": whole["photos"][1:2], "total": 3}
    assert client.get(page["photos"][0]["thumbnail"]).status_code == 200
    assert client.get("/api/photos", params={"offset": 9}).json()["photos"] == []


@pytest.mark.parametrize("params", [{"offset": -1}, {"limit": 0}, {"limit": 501}, {"offset": "x"}])
def test_a_wrong_page_is_refused(client, problem, params):
    problem(client.get("/api/photos", params=params), 422)


def test_folders_are_counted(client, searcher):
    (found,) = client.get("/api/folders").json()
    assert found == {"folder": str(Path(searcher.gallery.url).parent / "photos"), "photos": 3}


@pytest.mark.slow
def test_tags_are_counted_and_narrow_a_search(tagged, drawn, problem):
    client = TestClient(create_app(tagged), base_url="http://127.0.0.1")
    assert client.get("/api/tags").json() == [
        {"tag": "sea", "photos": 2},
        {"tag": "Sea", "photos": 1},
        {"tag": "dog", "photos": 1},
    ]

    def find(*tags):
        hits = client.post("/api/search", json=drawn("down", tags=tags)).json()["hits"]
        return {hit["name"] for hit in hits}

    assert find("sea") == {"tagged-0.jpg", "tagged-1.jpg"}
    assert find("sea", "dog") == {"tagged-1.jpg"}
    assert find("cat") == find("it's") == set()
    assert len(find()) == 4
    for wrong in ([""], ["x" * 101], ["a\0"], ["x"] * 21, "sea"):
        assert "tags" in problem(client.post("/api/search", json=drawn("down", tags=wrong)), 422)
    row = next(row for row in client.get("/api/photos").json()["photos"] if "1" in row["name"])
    assert client.get(f"/api/photos/{row['photo_id']}/details").json()["tags"] == ["sea", "dog"]


def test_details_name_the_file_and_its_size(client, down):
    details = client.get(f"/api/photos/{down}/details").json()
    path = Path(details["path"])
    assert (path.name, details["folder"]) == ("down.png", str(path.parent))
    assert details["bytes"] == path.stat().st_size
    assert (details["width"], details["height"], details["taken_at"]) == (64, 64, None)
    assert details["duplicates"] == []


def test_details_name_copies(library, tmp_path):
    photos = tmp_path / "photos"
    copy = shutil.copy(photos / "down.png", photos / "copy.png")
    index_folders([photos], library.gallery, library.encoder, workers=1)
    (info,) = library.gallery.iter_info()
    client = TestClient(create_app(library), base_url="http://127.0.0.1")
    details = client.get(f"/api/photos/{info.photo_id}/details").json()
    assert {details["path"], *details["duplicates"]} == {str(copy), str(photos / "down.png")}


@pytest.mark.parametrize("kind", ["", "/thumbnail", "/details"])
@pytest.mark.parametrize("photo_id", ["0" * 32, "..%2f..%2fetc%2fpasswd", "%00", "' OR 1=1 --"])
def test_what_is_no_photo_of_the_gallery_is_not_found(client, problem, photo_id, kind):
    problem(client.get(f"/api/photos/{photo_id}{kind}"), 404)


def test_a_photo_is_revealed_here(client, down, monkeypatch):
    shown = []
    monkeypatch.setattr("inkseek.server.routes.photos.reveal_file", shown.append)
    assert client.post(f"/api/photos/{down}/reveal").status_code == 204
    assert [path.name for path in shown] == ["down.png"]


def test_a_photo_is_not_revealed_for_others(searcher, problem, down, monkeypatch):
    monkeypatch.setattr("inkseek.server.routes.photos.reveal_file", lambda path: 1 / 0)
    elsewhere = TestClient(
        create_app(searcher), base_url="http://127.0.0.1", client=("192.0.2.7", 1)
    )
    answer = elsewhere.post(f"/api/photos/{down}/reveal")
    assert "whoever sits at the computer" in problem(answer, 403)


def test_without_a_file_manager_the_problem_is_not_the_photo(client, problem, down, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no file manager" in problem(client.post(f"/api/photos/{down}/reveal"), 501)
