from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from inkseek.server.app import create_app
from inkseek.server.drawing_model import DrawingModel

CROSS = {"canvas_size": 100, "strokes": [[[50, 0], [50, 100]], [[30, 50, 9], [80, 50, 12]]]}


def to_the_left(sketch):
    """The first stroke stays."""
    first, *others = sketch.strokes
    return replace(sketch, strokes=(first, *(stroke - np.float32([0.05, 0]) for stroke in others)))


@pytest.fixture(scope="module")
def tidy_client(searcher):
    return TestClient(
        create_app(searcher, drawing_model=DrawingModel(tidy=to_the_left)),
        base_url="http://127.0.0.1",
    )


def test_strokes_come_back_moved(tidy_client):
    assert tidy_client.get("/api/library").json()["can_tidy"] is True
    answer = tidy_client.post("/api/tidy", json={"sketch": CROSS}).json()
    assert answer == {
        "canvas_size": 100,
        "strokes": [
            [[50, 0], [50, 100]],
            [[pytest.approx(25, abs=1e-4), 50, 9], [pytest.approx(75, abs=1e-4), 50, 12]],
        ],
        "moves": [[0, 0], [pytest.approx(-5, abs=1e-4), 0]],
    }


def test_a_service_without_a_model_says_so(client, problem):
    assert client.get("/api/library").json()["can_tidy"] is False
    assert "--tidy MODEL" in problem(client.post("/api/tidy", json={"sketch": CROSS}), 404)


@pytest.mark.parametrize(
    ("sketch", "message"),
    [
        ({"canvas_size": 9, "strokes": []}, "0 strokes"),
        ({"canvas_size": 9, "strokes": [[[0, 0]]] * 201}, "201 strokes"),
        ({"canvas_size": 9, "strokes": [[["a", "b"]]]}, "valid number"),
        ({"canvas_size": 0, "strokes": [[[0, 0]]]}, "canvas_size"),
    ],
)
def test_what_cannot_be_tidied_is_refused(tidy_client, problem, sketch, message):
    assert message in problem(tidy_client.post("/api/tidy", json={"sketch": sketch}), 422)


def test_a_body_that_is_too_large_is_refused(tidy_client, problem):
    assert "4096 KiB" in problem(tidy_client.post("/api/tidy", content=b" " * 2**23), 413)
