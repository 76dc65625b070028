import pytest

STROKES = {"left": [[10, 0], [10, 100]], "right": [[90, 0], [90, 100]]}


def explain(client, strokes, photo_id):
    sketch = {"canvas_size": 100, "strokes": strokes}
    return client.post("/api/explain", json={"sketch": sketch, "photo_id": photo_id})


@pytest.fixture
def corner(client, drawn):
    """Id of the photo of a line along the top and down the right."""
    return client.post("/api/search", json=drawn("corner", k=1)).json()["hits"][0]["photo_id"]


def test_a_stroke_that_the_photo_shows_adds_and_one_that_it_does_not_takes_away(client, corner):
    answer = explain(client, list(STROKES.values()), corner).json()
    left, right = answer["strokes"]
    assert right["adds"] > 0 > left["adds"]
    assert right["left"] > 0.7  # it met the line down the right
    parts = sum(sum(row) for row in answer["photo"])
    assert parts == pytest.approx(answer["similarity"], abs=1e-4)


def test_an_unknown_photo_and_an_empty_drawing_are_told_in_one_line(client, corner):
    assert "no photo" in explain(client, [STROKES["left"]], "none").json()["detail"]
    answer = explain(client, [], corner)
    assert answer.status_code == 422
    assert "draw a stroke" in answer.json()["detail"]


def test_nothing_but_a_sketch_and_an_id_is_taken(client, corner):
    request = {"sketch": {"canvas_size": 1, "strokes": []}, "photo_id": corner, "path": "/etc"}
    assert client.post("/api/explain", json=request).status_code == 422
