import logging

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from inkseek.errors import (
    GalleryMismatchError,
    LimitError,
    ModelError,
    PhotoError,
    SketchFormatError,
)
from inkseek.server.problems import (
    ConflictError,
    NotFoundError,
    NotSupportedError,
    add_problem_handlers,
)

TEXT = "what, where, what to do"
KINDS = (SketchFormatError, LimitError, PhotoError, GalleryMismatchError, ModelError)
KINDS += (ConflictError, NotFoundError, NotSupportedError)


@pytest.fixture
def client():
    app = FastAPI()
    add_problem_handlers(app, {"X-Guarded": "yes"})

    @app.get("/fail/{kind}")
    def fail(kind: str, number: int = 0) -> None:
        raise {each.__name__: each for each in KINDS}[kind](TEXT)

    return TestClient(app, raise_server_exceptions=False)


def problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == response.status_code
    return body


@pytest.mark.parametrize(
    ("kind", "status"), list(zip(KINDS, (422, 422, 404, 503, 500, 409, 404, 501), strict=True))
)
def test_our_errors_become_problems_with_their_text(client, kind, status):
    body = problem(client.get(f"/fail/{kind.__name__}"))
    assert (body["status"], body["detail"]) == (status, TEXT)


def test_a_wrong_value_is_named(client):
    body = problem(client.get("/fail/PhotoError?number=many"))
    assert body["detail"].startswith("query.number: Input should be a valid integer")


def test_an_unknown_address_is_a_problem_too(client):
    assert problem(client.get("/nowhere"))["title"] == "Not Found"


def test_a_mistake_of_ours_is_logged_and_tells_nothing(client, caplog):
    with caplog.at_level(logging.ERROR):
        response = client.get("/fail/unknown")
    body = problem(response)
    assert body["status"] == 500
    assert response.headers["x-guarded"] == "yes"
    assert "unknown" not in body["detail"]
    assert "KeyError" in caplog.text


def test_a_wrong_method_says_which_are_right(client):
    response = client.post("/fail/PhotoError")
    assert problem(response)["status"] == 405
    assert response.headers["allow"] == "GET"
