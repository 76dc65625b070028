import pytest

from inkseek.server.schema import MAX_STROKES

EXCALIDRAW = (
    b'{"type": "excalidraw", "elements": [{"type": "line", "x": 0, "y": 0, '
    b'"points": [[0, 0], [9, 9]]}]}'
)


@pytest.mark.parametrize(
    "content",
    [
        b'<svg viewBox="0 0 9 9"><path d="M1 1L8 8"/></svg>',
        b"<ink><trace>1 2, 3 4</trace></ink>",
        b'{"drawing": [[[1, 2], [3, 4]]]}',
        EXCALIDRAW,
    ],
)
def test_a_drawing_of_any_format_can_be_searched_with(client, content):
    drawing = client.post("/api/sketches", content=content).json()
    assert client.post("/api/search", json={"sketch": drawing}).status_code == 200


def test_more_strokes_than_a_search_takes_are_told(client, problem):
    lines = b"".join(b'<path d="M%d 1h1"/>' % i for i in range(MAX_STROKES + 1))
    response = client.post("/api/sketches", content=b'<svg viewBox="0 0 9 9">' + lines + b"</svg>")
    assert f"{MAX_STROKES + 1} strokes" in problem(response, 422)


def test_an_empty_file_is_told(client, problem):
    response = client.post("/api/sketches", content=b"", params={"name": "a.svg"})
    assert "a.svg is empty" in problem(response, 422)
