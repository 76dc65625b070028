import time

from fastapi.testclient import TestClient

from inkseek.gallery.store import recreate_gallery
from inkseek.server.app import create_app


def wait_until_ready(client):
    for _ in range(3000):
        answer = client.get("/api/ready")
        if answer.status_code == 200:
            return answer.json()
        time.sleep(0.1)
    raise AssertionError(answer.text)


def test_ready_once_the_first_search_would_not_wait(client, searcher, problem):
    assert wait_until_ready(client) == {"status": "ready"}
    # Without its start-up nothing is warm.
    cold = TestClient(create_app(searcher), base_url="http://127.0.0.1")
    assert "is starting" in problem(cold.get("/api/ready"), 503)


def test_not_ready_for_the_gallery_of_another_model(library, problem):
    with TestClient(create_app(library), base_url="http://127.0.0.1") as client:
        wait_until_ready(client)
        recreate_gallery(library.gallery.url, model_digest="f" * 16, dim=16)
        assert "another model" in problem(client.get("/api/ready"), 503)


def test_prometheus_finds_its_histograms(client, drawn):
    client.post("/api/search", json=drawn("down"))
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for step in ("select", "raster", "encode", "search", "request"):
        assert f"# TYPE inkseek_{step}_seconds histogram" in answer.text
    assert 'route="/api/search",status="200"' in answer.text
    assert "inkseek_photos 3.0" in answer.text
    assert "inkseek_jobs_active 0.0" in answer.text
