import numpy as np
import pytest
from fastapi.testclient import TestClient

from inkseek.errors import ModelError
from inkseek.server.app import create_app
from inkseek.server.drawing_model import DrawingModel
from inkseek.strokes.sketch import Sketch

CROSS = {"canvas_size": 100, "strokes": [[[50, 0], [50, 100]], [[30, 50, 9], [80, 50, 12]]]}
LINE = {"canvas_size": 8, "strokes": [[[0, 0], [8, 8]]]}


def repeat(like, count, seed, temperature):
    """The drawing, or a line as long as a category's name, moved by the seed and temperature."""
    length = len(like) if isinstance(like, str) else like.num_points
    points = np.float32([[0, 0], [length, seed], [temperature, 0]])
    return [Sketch((points + np.float32(i),), canvas_size=256.0) for i in range(count)]


def join(first, last, count):
    """As many sketches as wanted, of the points of both."""
    points = np.concatenate([*first.strokes, *last.strokes])
    return [Sketch((points,), canvas_size=1.0)] * count


@pytest.fixture(scope="module")
def drawing_client(searcher):
    model = DrawingModel(generate=repeat, interpolate=join, categories=lambda: ["cat", "house"])
    app = create_app(searcher, drawing_model=model)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_categories_are_told(drawing_client):
    assert drawing_client.get("/api/categories").json() == [{"name": "cat"}, {"name": "house"}]


@pytest.mark.parametrize(("like", "length"), [({"category": "house"}, 5), ({"sketch": CROSS}, 4)])
def test_drawings_come_back_as_they_are(drawing_client, like, length):
    body = {**like, "count": 2, "seed": 3, "temperature": 0.5}
    answer = drawing_client.post("/api/generate", json=body).json()
    assert answer["sketches"] == [
        {"canvas_size": 256, "strokes": [[[i, i], [length + i, 3 + i], [0.5 + i, i]]]}
        for i in range(2)
    ]
    assert len(drawing_client.post("/api/generate", json=like).json()["sketches"]) == 4


def test_a_way_leads_from_one_drawing_to_another(drawing_client):
    body = {"first": LINE, "last": CROSS, "count": 3}
    answer = drawing_client.post("/api/interpolate", json=body).json()
    points = [[0, 0], [1, 1], [0.5, 0], [0.5, 1], [0.3, 0.5], [0.8, 0.5]]
    assert len(answer["sketches"]) == 3
    for each in answer["sketches"]:
        assert each["canvas_size"] == 1
        np.testing.assert_allclose(each["strokes"], [points], atol=1e-6)


def test_an_unknown_category_is_named_with_the_known_ones(drawing_client, problem):
    response = drawing_client.post("/api/generate", json={"category": "dog"})
    assert problem(response, 404) == "no category 'dog'; known: cat, house"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("generate", {"category": "cat"}),
        ("generate", {"sketch": CROSS}),
        ("interpolate", {"first": CROSS, "last": LINE}),
        ("categories", None),
    ],
)
def test_a_service_without_a_model_says_so(client, problem, path, body):
    ask = client.get if body is None else client.post
    response = ask(f"/api/{path}", **({} if body is None else {"json": body}))
    assert "--tidy MODEL" in problem(response, 404)


def test_a_model_that_draws_nothing_is_told(searcher, problem):
    def fail(*_):
        raise ModelError("the model drew nothing; train it longer")

    model = DrawingModel(generate=fail, categories=lambda: ["cat"])
    with TestClient(
        create_app(searcher, drawing_model=model), base_url="http://127.0.0.1"
    ) as client:
        response = client.post("/api/generate", json={"category": "cat"})
        assert problem(response, 501) == "the model drew nothing; train it longer"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("generate", {}, "a category or a sketch"),
        ("generate", {"category": "cat", "sketch": CROSS}, "not both"),
        ("generate", {"category": "c" * 101}, "category"),
        ("generate", {"category": "cat", "count": 21}, "count"),
        ("generate", {"category": "cat", "count": 0}, "count"),
        ("generate", {"category": "cat", "temperature": 2.1}, "temperature"),
        ("generate", {"category": "cat", "seed": -1}, "seed"),
        ("generate", {"sketch": {"canvas_size": 9, "strokes": []}}, "0 strokes"),
        ("interpolate", {"first": CROSS}, "last"),
        ("interpolate", {"first": CROSS, "last": LINE, "count": 1}, "count"),
        ("interpolate", {"first": {"canvas_size": 9, "strokes": []}, "last": LINE}, "0 strokes"),
    ],
)
def test_what_cannot_be_drawn_is_refused(drawing_client, problem, path, body, message):
    assert message in problem(drawing_client.post(f"/api/{path}", json=body), 422)
