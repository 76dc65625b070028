import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from inkseek.gallery.unfinished import note_unfinished
from inkseek.server.app import create_app


@pytest.fixture
def client(library):
    with TestClient(create_app(library), base_url="http://127.0.0.1") as client:
        yield client


def wait_until_ready(client):
    for _ in range(3000):
        if client.get("/api/ready").status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError(client.get("/api/ready").text)


def wait_for_end(client, job_id):
    for _ in range(3000):
        job = client.get(f"/api/jobs/{job_id}").json()
        if job["state"] not in {"running", "paused"}:
            return job
        time.sleep(0.1)
    raise AssertionError(job)


@pytest.mark.slow
def test_a_job_is_started_and_ends(client, add_photos):
    add_photos(2)
    started = client.post("/api/jobs", json={"kind": "index"})
    assert started.status_code == 202
    job = wait_for_end(client, started.json()["id"])
    assert (job["state"], job["summary"]["added"]) == ("done", 2)
    assert client.get("/api/jobs").json() == [job]
    assert client.get("/api/health").json()["photos"] == 3


@pytest.mark.slow
def test_photos_of_another_model_are_found_once_they_are_embedded_anew(foreign, drawn, problem):
    def state():
        library = client.get("/api/library").json()
        return library["photos"], library["model_matches"], library["rebuilding"]

    sketch = drawn("down")["sketch"]
    with TestClient(create_app(foreign), base_url="http://127.0.0.1") as client:
        assert state() == (4, False, False)
        for path, body in (
            ("/api/search", {"sketch": sketch}),
            ("/api/search/batch", {"sketches": [sketch]}),
            ("/api/search/live", {"sketch": sketch}),
        ):
            assert "another model" in problem(client.post(path, json=body), 503)
        photo_id = client.get("/api/photos").json()["photos"][0]["photo_id"]
        assert client.get(f"/api/photos/{photo_id}/details").json()["duplicates"] == []
        job = client.post("/api/jobs", json={"kind": "rebuild"}).json()
        assert wait_for_end(client, job["id"])["state"] == "done"
        assert state() == (4, True, False)
        hits = client.post("/api/search", json=drawn("down")).json()["hits"]
        assert hits[0]["name"] == "down.png"
        wait_until_ready(client)


def test_half_a_gallery_is_not_searched(library, drawn, problem):
    with TestClient(create_app(library), base_url="http://127.0.0.1") as client:
        wait_until_ready(client)
        note_unfinished(Path(library.gallery.url), [])
        assert client.get("/api/library").json()["rebuilding"] is True
        for path in ("/api/search", "/api/search/live"):
            assert "embedded anew" in problem(client.post(path, json=drawn("down")), 503)
        assert "embedded anew" in problem(client.get("/api/ready"), 503)


def test_wrong_jobs_are_refused(client, problem):
    assert "kind" in problem(client.post("/api/jobs", json={"kind": "delete"}), 422)
    body = {"kind": "index", "folders": ["/etc"]}
    assert "none of the folders" in problem(client.post("/api/jobs", json=body), 404)
    assert "folders" in problem(client.post("/api/jobs", json=body | {"folders": []}), 422)
    assert "no file is in quarantine" in problem(client.post("/api/quarantine/retry"), 409)
    for action in ("", "/pause", "/resume", "/cancel"):
        method = "POST" if action else "GET"
        problem(client.request(method, f"/api/jobs/none{action}"), 404)


@pytest.mark.slow
def test_what_happens_to_a_job_is_told_as_it_happens(library, add_photos, serve, tmp_path):
    add_photos(3)
    (tmp_path / "photos" / "bad.png").write_bytes(b"no photo")
    told = []
    with serve(create_app(library)) as url, httpx2.Client(base_url=url, timeout=60) as client:
        with client.stream("GET", "/api/jobs/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            job_id = client.post("/api/jobs", json={"kind": "index"}).json()["id"]
            for line in stream.iter_lines():
                if line.startswith("event:"):
                    told.append([line.removeprefix("event: "), None])
                if line.startswith("data:"):
                    told[-1][1] = json.loads(line.removeprefix("data:"))
                    if told[-1][1].get("state") == "done":
                        break
    assert [kind for kind, _ in told].count("quarantined") == 1
    states = [data["state"] for kind, data in told if kind == "progress"]
    assert states[0] == "running"
    assert states[-1] == "done"
    last = told[-1][1]
    assert (last["id"], last["done"], last["total"]) == (job_id, 4, 4)


@pytest.mark.slow
def test_who_comes_later_is_told_the_present_state(library, add_photos):
    from inkseek.server.jobs import Jobs
    from inkseek.server.routes.jobs import _follow

    add_photos(2)
    jobs = Jobs(library, batch_size=1)
    job = jobs.pause(jobs.start("index").id)

    async def first():
        async for event in _follow(jobs):
            return event

    # In a thread of its own: the browser's driver keeps an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        event = thread.submit(lambda: asyncio.run(first())).result()
    assert (event.event, event.data.id, event.data.state) == ("progress", job.id, "paused")
    jobs.close()
