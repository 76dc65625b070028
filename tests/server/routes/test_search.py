import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

from inkseek.encoder import Encoder
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.server.routes.search import MAX_LIVE_STROKES
from inkseek.server.schema import DrawnSketch
from inkseek.server.sketches import to_sketch


def names(answer):
    return [hit["name"] for hit in answer["hits"]]


def events(response):
    lines = response.text.splitlines()
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event:")]
    data = [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]
    return kinds, data


def test_an_embedding_of_the_service_is_answered_like_its_drawing(client, drawn):
    body = drawn("down")
    embedded = client.post("/api/embed", json={"sketches": [body["sketch"]]}).json()
    assert embedded["dim"] == len(embedded["embeddings"][0]) == 16
    assert np.linalg.norm(embedded["embeddings"][0]) == pytest.approx(1, abs=1e-5)
    by_sketch = client.post("/api/search", json=body).json()
    by_row = client.post("/api/search", json={"embedding": embedded["embeddings"][0]}).json()
    assert names(by_row) == names(by_sketch)
    assert by_row["hits"][0]["similarity"] == pytest.approx(by_sketch["hits"][0]["similarity"])


def test_an_answer_says_which_canvas_was_chosen(searcher, choosing_model, client, drawn):
    encoder = Encoder.load(choosing_model)
    bodies = [drawn(name) for name in ("across", "corner")]
    expected = encoder.choose([to_sketch(DrawnSketch(**body["sketch"])) for body in bodies])
    app = create_app(Searcher(searcher.gallery, encoder))
    with TestClient(app, base_url="http://127.0.0.1") as choosing:
        singles = [choosing.post("/api/search", json=body).json() for body in bodies]
        sketches = [body["sketch"] for body in bodies]
        batch = choosing.post("/api/search/batch", json={"sketches": sketches}).json()["answers"]
        like = {"like_photo": singles[0]["hits"][0]["photo_id"]}
        by_photo = choosing.post("/api/search", json=like).json()
        _, live = events(choosing.post("/api/search/live", json=bodies[1]))
    for answers in (singles, batch, [singles[0], live[-1]["answer"]]):
        assert [answer["canvas_size"] for answer in answers] == expected.sizes.tolist()
        assert [answer["gflops"] for answer in answers] == expected.gflops.tolist()
    assert (by_photo["canvas_size"], by_photo["gflops"]) == (None, None)
    usual = client.post("/api/search", json=bodies[0]).json()
    assert (usual["canvas_size"], usual["gflops"]) == (None, None)


def test_a_batch_is_answered_like_one_after_the_other(client, drawn):
    bodies = [drawn(name) for name in ("across", "down", "corner")]
    batch = client.post(
        "/api/search/batch", json={"sketches": [body["sketch"] for body in bodies], "k": 2}
    ).json()
    singles = [client.post("/api/search", json=body | {"k": 2}).json() for body in bodies]
    assert [names(answer) for answer in batch["answers"]] == [names(each) for each in singles]
    assert all(answer["more"] for answer in batch["answers"])


def test_a_live_search_answers_every_stroke_as_if_it_were_the_last(client, drawn):
    strokes = [drawn(name)["sketch"]["strokes"][0] for name in ("down", "across")]
    sketch = {"canvas_size": 100, "strokes": [strokes[0], [], strokes[1]]}
    response = client.post("/api/search/live", json={"sketch": sketch, "k": 3})
    assert response.headers["content-type"].startswith("text/event-stream")
    kinds, data = events(response)
    assert kinds == ["answer", "answer"]
    assert [each["strokes"] for each in data] == [1, 2]
    assert names(data[0]["answer"])[0] == "down.png"
    whole = client.post("/api/search", json={"sketch": sketch, "k": 3}).json()
    assert names(data[1]["answer"]) == names(whole)


@pytest.mark.parametrize(
    ("strokes", "message"),
    [([], "is empty: draw a stroke"), ([[[0, 0]]] * (MAX_LIVE_STROKES + 1), "201 strokes")],
)
def test_a_live_search_is_refused_before_it_begins(client, problem, strokes, message):
    body = {"sketch": {"canvas_size": 1, "strokes": strokes}}
    assert message in problem(client.post("/api/search/live", json=body), 422)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "nothing to look for; send sketch, embedding or like_photo"),
        ({"embedding": []}, "embedding"),
        ({"embedding": [1.0, 0.0]}, "has 2 numbers"),
        ({"like_photo": "x" * 201}, "like_photo"),
        ({"like_photo": "0", "offset": -1}, "offset"),
        ({"like_photo": "0", "offset": 10**9}, "offset"),
        ({"like_photo": "0", "liked": ["0"] * 51}, "liked"),
        ({"like_photo": "0", "k": "7"}, "k: Input should be a valid integer"),
        ({"like_photo": "0", "taken_after": "soon"}, "no such time; write 2024-05-31"),
        ({"like_photo": "0", "taken_before": "0001-01-01T00:00:00+14:00"}, "no such time"),
        ({"like_photo": "0", "min_side": 0}, "min_side"),
        ({"like_photo": "0", "folder": "a\0b"}, "folder"),
        ({"like_photo": "0", "tag": "dog"}, "tag: Extra inputs are not permitted"),
    ],
)
def test_a_bad_request_says_what_is_wrong(client, problem, body, message):
    assert message in problem(client.post("/api/search", json=body), 422)


def test_filters_reach_the_gallery(client, drawn, searcher):
    folder = searcher.gallery.url.replace("gallery", "photos")
    for passing in (
        {"folder": folder},
        {"not_folder": "/elsewhere"},
        {"min_side": 64},
        {"orientation": "square"},
    ):
        assert len(client.post("/api/search", json=drawn("down", **passing)).json()["hits"]) == 3
    for failing in (
        {"folder": "/elsewhere"},
        {"not_folder": folder},
        {"min_side": 65},
        {"taken_after": "1999-01-01"},
        {"taken_before": "2030-01-01T12:00:00+02:00"},
    ):
        answer = client.post("/api/search", json=drawn("down", **failing)).json()
        assert (answer["hits"], answer["more"]) == ([], False)


def test_feedback_moves_a_photo_up(client, drawn):
    first = client.post("/api/search", json=drawn("down")).json()["hits"]
    last = first[-1]["photo_id"]
    moved = client.post("/api/search", json=drawn("down", liked=[last])).json()["hits"]
    by_id = {hit["photo_id"]: hit["similarity"] for hit in moved}
    assert by_id[last] > first[-1]["similarity"]
    without = client.post("/api/search", json=drawn("down", disliked=[last])).json()["hits"]
    assert last not in {hit["photo_id"] for hit in without}
