import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from inkseek.server.guards import DEFAULT_BYTES, HEADERS, Guard


@pytest.fixture
def client():
    app = FastAPI()
    hosts = ("127.0.0.1", "localhost", "::1")
    app.add_middleware(Guard, hosts=hosts, max_bytes={"/length": 1000})

    @app.get("/")
    def page() -> str:
        return "page"

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    return TestClient(app, base_url="http://127.0.0.1:8765")


def test_a_body_within_the_limit_passes(client):
    assert client.post("/length", content=b"x" * 1000).json() == 1000


def test_a_body_beyond_its_declared_limit_is_refused(client):
    response = client.post("/length", content=b"x" * 1001)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_without_a_declared_length_is_counted_as_it_arrives(client):
    response = client.post("/length", content=iter([b"x" * 600, b"x" * 600]))
    assert response.status_code == 413


def test_other_addresses_take_small_bodies_only(client):
    assert client.post("/", content=b"x" * (DEFAULT_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_length_that_is_no_number_is_refused(client, length):
    assert client.post("/length", headers={"content-length": length}).status_code == 413


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765"])
def test_the_names_of_this_computer_are_served(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1x", "[", "", "127.0.0.2"]
)
def test_another_name_is_refused(client, host):
    response = client.get("/", headers={"host": host})
    assert response.status_code == 421
    assert response.json()["detail"].endswith("use 127.0.0.1")


@pytest.mark.parametrize("host", ["192.0.2.7:8765", "[2001:db8::7]", "127.0.0.2"])
def test_a_service_that_listens_everywhere_has_every_address_but_no_name(host):
    app = FastAPI()
    app.add_middleware(Guard, hosts=("photos.example",), any_address=True)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get("/", headers={"host": host}).status_code == 404
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "192.0.2.7.evil.example"}).status_code == 421


def test_scripts_of_the_page_and_its_workers_only():
    policy = dict(
        part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["worker-src"] == "'self'"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-mode": "navigate", "origin": "https://evil.example"},
    ],
)
def test_the_page_of_another_site_may_not_ask(client, headers):
    assert client.post("/length", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_our_own_page_and_links_to_it_pass(client, headers):
    assert client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_carries_the_security_headers(client, host):
    headers = client.get("/", headers={"host": host}).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "access-control-allow-origin" not in headers
