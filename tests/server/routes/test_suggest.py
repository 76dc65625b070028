from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from inkseek.errors import ModelError
from inkseek.server.app import create_app
from inkseek.server.drawing_model import DrawingModel

CROSS = {"canvas_size": 100, "strokes": [[[50, 0], [50, 100]], [[30, 50, 9], [80, 50, 12]]]}


def lower(sketch, count, seed):
    """The drawing, each time a tenth lower; the seed moves it to the right."""
    steps = (np.float32([seed, i]) / 10 for i in range(1, count + 1))
    return [replace(sketch, strokes=tuple(s + step for s in sketch.strokes)) for step in steps]


@pytest.fixture(scope="module")
def suggest_client(searcher):
    app = create_app(searcher, drawing_model=DrawingModel(suggest=lower))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_as_many_as_asked_for_come_back(suggest_client):
    told = suggest_client.get("/api/library").json()
    assert (told["can_suggest"], told["can_tidy"]) == (True, False)
    body = {"sketch": CROSS, "count": 2, "seed": 1}
    answer = suggest_client.post("/api/suggest", json=body).json()
    assert answer["sketches"][1] == {
        "canvas_size": 100,
        "strokes": [
            [pytest.approx([60, 20], abs=1e-3), pytest.approx([60, 120], abs=1e-3)],
            [pytest.approx([40, 70], abs=1e-3), pytest.approx([90, 70], abs=1e-3)],
        ],
    }
    assert len(answer["sketches"]) == 2
    assert suggest_client.post("/api/suggest", json=body).json() == answer
    plain = suggest_client.post("/api/suggest", json={"sketch": CROSS}).json()
    assert len(plain["sketches"]) == 4


def test_a_service_without_a_model_says_so(client, problem):
    assert client.get("/api/library").json()["can_suggest"] is False
    assert "--tidy MODEL" in problem(client.post("/api/suggest", json={"sketch": CROSS}), 404)


def test_a_model_that_cannot_be_loaded_is_told(searcher, problem):
    def fail(*_):
        raise ModelError("drawing needs torch; install it")

    app = create_app(searcher, drawing_model=DrawingModel(suggest=fail))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        text = problem(client.post("/api/suggest", json={"sketch": CROSS}), 501)
    assert text == "drawing needs torch; install it"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"sketch": {"canvas_size": 9, "strokes": []}}, "0 strokes"),
        ({"sketch": {"canvas_size": 9, "strokes": [[[0, 0]]] * 201}}, "201 strokes"),
        ({"sketch": {"canvas_size": 9, "strokes": [[[0, 0]] * 50_001]}}, "50001 points"),
        ({"sketch": {"canvas_size": 1e-5, "strokes": [[[9, 9]]]}}, "scale the drawing"),
        ({"sketch": {"canvas_size": 9, "strokes": [[["a", "b"]]]}}, "valid number"),
        ({"sketch": {"canvas_size": 0, "strokes": [[[0, 0]]]}}, "canvas_size"),
        ({"sketch": CROSS, "count": 0}, "count"),
        ({"sketch": CROSS, "count": 9}, "count"),
        ({"sketch": CROSS, "count": 2.5}, "count"),
        ({"sketch": CROSS, "seed": -1}, "seed"),
        ({"sketch": CROSS, "seed": 2**31}, "seed"),
        ({"sketch": CROSS, "seed": "1"}, "seed"),
        ({"sketch": CROSS, "temperature": 9}, "temperature"),
        ({}, "sketch"),
    ],
)
def test_what_cannot_be_suggested_for_is_refused(suggest_client, problem, body, message):
    assert message in problem(suggest_client.post("/api/suggest", json=body), 422)


def test_a_body_that_is_too_large_is_refused(suggest_client, problem):
    response = suggest_client.post("/api/suggest", content=b" " * 2**23)
    assert "4096 KiB" in problem(response, 413)
