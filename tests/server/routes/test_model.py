import hashlib

import pytest

FILE = "/api/model/student.onnx"


def test_the_network_is_the_one_of_the_card(client):
    card = client.get("/api/model/card").json()
    answer = client.get(FILE)
    digest = hashlib.sha256(answer.content).hexdigest()
    assert card["files"]["student.onnx"] == digest
    assert answer.headers["content-type"] == "application/octet-stream"
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (f'"{digest}"', "no-cache")
    lasting = client.get(FILE, params={"digest": digest})
    assert "immutable" in lasting.headers["cache-control"]
    again = client.get(FILE, headers={"if-none-match": f'"{digest}"'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(FILE, headers={"if-none-match": '"0"'}).status_code == 200


def test_a_network_that_has_changed_is_not_sent_for_another(client, problem):
    answer = client.get(FILE, params={"digest": "0" * 64})
    assert "load the card again" in problem(answer, 404)


@pytest.mark.parametrize("name", ["weights.safetensors", "card.json", "..%2fcard.json", "x.onnx"])
def test_nothing_but_networks_is_sent(client, problem, name):
    problem(client.get(f"/api/model/{name}"), 404)
