import pytest


@pytest.mark.slow
def test_a_hit_is_explained(client, drawn):
    hit = client.post("/api/search", json=drawn("down", k=1)).json()["hits"][0]
    body = {"sketch": drawn("down")["sketch"], "photo_id": hit["photo_id"]}
    answer = client.post("/api/explain", json=body).json()
    assert len(answer["strokes"]) == 1
    assert abs(answer["similarity"] - hit["similarity"]) < 0.05


def test_too_many_points_are_refused(client, problem):
    body = {"sketch": {"canvas_size": 1, "strokes": [[[0, 0]] * 50_001]}, "photo_id": "0"}
    assert "50001 points" in problem(client.post("/api/explain", json=body), 422)
