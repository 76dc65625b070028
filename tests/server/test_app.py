from pathlib import Path

import pytest

from inkseek.server.app import STATIC
from inkseek.server.schema import MAX_POINTS, MAX_STROKES

STROKES = {"down": [[50, 0], [50, 100]]}


def problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()["detail"]


def test_a_drawing_finds_the_photo_of_it(client, drawn):
    for name in ("across", "down", "corner"):
        answer = client.post("/api/search", json=drawn(name, k=3)).json()
        assert answer["hits"][0]["name"] == f"{name}.png"
        assert answer["nothing_matches"] is False
        assert answer["milliseconds"] > 0


def test_a_hit_leads_to_its_photo_and_thumbnail(client, drawn):
    hit = client.post("/api/search", json=drawn("down", k=1)).json()["hits"][0]
    photo = client.get(hit["photo"])
    assert photo.headers["content-type"] == "image/png"
    thumbnail = client.get(hit["thumbnail"])
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert thumbnail.content[:3] == b"\xff\xd8\xff"
    assert "immutable" in thumbnail.headers["cache-control"]


def test_no_answer_names_a_folder(client, drawn):
    assert (
        "/photos/" not in client.post("/api/search", json=drawn("down")).json()["hits"][0]["name"]
    )


def test_a_filter_reaches_the_gallery(client, drawn):
    answer = client.post("/api/search", json=drawn("down", orientation="portrait")).json()
    assert answer["hits"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k: Input should be greater than or equal to 1"),
        ({"k": 10**6}, "k: Input should be less than or equal to 500"),
        ({"speed": 1}, "speed: Extra inputs are not permitted"),
        ({"sketch": {"canvas_size": 0, "strokes": []}}, "canvas_size"),
        ({"sketch": {"canvas_size": 9, "strokes": []}}, "is empty: draw a stroke"),
        ({"sketch": {"canvas_size": 9, "strokes": [[[1]]]}}, "at least 2 items"),
        ({"sketch": {"canvas_size": 9, "strokes": [[["1", "2"]]]}}, "valid number"),
        (
            {"sketch": {"canvas_size": 9, "strokes": [[[1e300, 0]]]}},
            "less than or equal to 1000000",
        ),
        ({"sketch": {"canvas_size": 9, "strokes": [], "version": 2}}, "version: Input should be 1"),
        ({"sketch": {"canvas_size": 9, "strokes": [[]] * (MAX_STROKES + 1)}}, "at most 2000"),
        ({"sketch": {"canvas_size": 9, "strokes": [[[0, 0]] * (MAX_POINTS + 1)]}}, "more than"),
    ],
)
def test_a_bad_request_says_what_is_wrong(client, drawn, change, message):
    response = client.post("/api/search", json=drawn("down") | change)
    assert message in problem(response, 422)


def test_a_body_that_is_too_large_is_refused(client):
    assert "larger than 4096 KiB" in problem(client.post("/api/search", content=b" " * 2**24), 413)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_request_is_refused(client, body):
    response = client.post(
        "/api/search", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code in {400, 422}
    problem(response, response.status_code)


def test_empty_strokes_are_passed_over(client, drawn):
    request = drawn("down", k=1)
    request["sketch"]["strokes"].insert(0, [])
    assert client.post("/api/search", json=request).json()["hits"][0]["name"] == "down.png"


@pytest.mark.parametrize(("side", "status"), [("360", 200), ("1600", 200), ("99999", 422)])
def test_a_thumbnail_comes_in_two_sizes_only(client, drawn, side, status):
    hit = client.post("/api/search", json=drawn("down", k=1)).json()["hits"][0]
    assert client.get(hit["thumbnail"], params={"side": side}).status_code == status


@pytest.mark.parametrize("photo_id", ["0" * 32, "..%2f..%2fetc%2fpasswd", "' OR 1=1 --"])
def test_only_photos_of_the_gallery_are_served(client, photo_id):
    for kind in ("", "/thumbnail"):
        response = client.get(f"/api/photos/{photo_id}{kind}")
        assert response.status_code == 404
        assert b"root:" not in response.content


def test_no_file_outside_the_page_is_served(client):
    assert client.get("/..%2fapp.py").status_code == 404
    assert client.get("/%2e%2e/app.py").status_code == 404


def test_another_host_name_is_refused(client):
    assert "evil.example" in problem(client.get("/", headers={"host": "evil.example"}), 421)


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/app.js", "/api/health", "/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; script-src")
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "file", sorted(filter(Path.is_file, STATIC.iterdir())), ids=lambda file: file.name
)
def test_the_page_asks_nobody_else(client, file):
    response = client.get(f"/{file.name}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"
    text = response.text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http:" not in text
    assert "https:" not in text


def test_the_page_has_no_script_or_style_of_its_own(client):
    page = client.get("/").text
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count('<script type="module" src=')


def test_an_uploaded_drawing_becomes_strokes(client):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8"/></svg>'
    drawing = client.post("/api/sketches", content=svg, params={"name": "line.svg"}).json()
    assert len(drawing["strokes"]) == 1
    assert drawing["strokes"][0][0] != drawing["strokes"][0][-1]


def test_an_upload_that_is_no_drawing_says_so(client):
    response = client.post("/api/sketches", content=b"\x00\x01 nothing", params={"name": "x.svg"})
    assert "x.svg" in problem(response, 422)


def test_health_says_what_is_served(client):
    health = client.get("/api/health").json()
    assert (health["status"], health["model"], health["photos"]) == ("ok", "tiny", 3)


def test_the_openapi_document_is_served(client):
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")
