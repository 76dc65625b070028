import pytest
from fastapi.testclient import TestClient

from inkseek.errors import InkseekError
from inkseek.server.app import Access, create_app
from inkseek.server.auth import MIN_TOKEN, TICKET_SECONDS, Tickets, check_token, make_token

TOKEN = "correct horse".replace(" ", "-") + "-battery"
PATH = "/api/photos/00/thumbnail"


@pytest.fixture(scope="module")
def guarded(searcher):
    app = create_app(searcher, Access(token=TOKEN))
    return TestClient(app, base_url="http://127.0.0.1")


@pytest.fixture
def bearer():
    return {"Authorization": f"Bearer {TOKEN}"}


def test_every_address_but_the_page_asks_for_the_token(guarded, problem):
    document = guarded.get("/api/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert len(document["paths"]) > 20
    for path, operations in document["paths"].items():
        for method in operations:
            answer = guarded.request(method, path)
            assert "asks for its token" in problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    for path in ("/api/openapi.json", "/api/nothing", "/metrics"):
        assert guarded.get(path).status_code == 401
    for path in ("/", "/app.js", "/nothing"):
        assert guarded.get(path).status_code in {200, 404}


def test_the_token_opens_it(guarded, bearer, drawn):
    assert guarded.get("/api/health", headers=bearer).status_code == 200
    answer = guarded.post("/api/search", json=drawn("down"), headers=bearer)
    assert answer.json()["hits"][0]["name"] == "down.png"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        TOKEN,
    ],
)
def test_nothing_else_opens_it(guarded, value):
    assert guarded.get("/api/health", headers={"Authorization": value}).status_code == 401


def test_no_cookie_is_ever_set(guarded, bearer):
    for path in ("/", "/api/health", "/api/library"):
        assert "set-cookie" not in guarded.get(path, headers=bearer).headers


def test_a_hit_leads_to_its_pictures_without_a_header(guarded, bearer, drawn):
    hit = guarded.post("/api/search", json=drawn("down", k=1), headers=bearer).json()["hits"][0]
    assert guarded.get(hit["thumbnail"]).status_code == 200
    assert guarded.get(hit["thumbnail"] + "&side=1600").status_code == 200
    assert guarded.get(hit["photo"]).status_code == 200
    ticket = hit["thumbnail"].partition("?")[2]
    photo_id = hit["photo_id"]
    # A ticket opens its own address only, and for reading only.
    for path in (f"/api/photos/{photo_id}", f"/api/photos/{photo_id}/details", "/api/library"):
        assert guarded.get(f"{path}?{ticket}").status_code == 401
    assert guarded.post(hit["thumbnail"]).status_code == 401


def test_without_a_token_addresses_carry_no_ticket(client, drawn):
    hit = client.post("/api/search", json=drawn("down", k=1)).json()["hits"][0]
    assert "?" not in hit["thumbnail"] + hit["photo"]


def test_a_ticket_expires():
    now = [10.5 * TICKET_SECONDS]
    tickets = Tickets(TOKEN, lambda: now[0])
    ticket = tickets.make(PATH)
    assert tickets.link(PATH) == f"{PATH}?ticket={ticket}"
    now[0] = 11.5 * TICKET_SECONDS - 1
    assert tickets.admits(PATH, ticket)
    now[0] = 12 * TICKET_SECONDS
    assert not tickets.admits(PATH, ticket)


def test_a_ticket_stays_the_same_for_a_while_so_that_a_browser_finds_its_picture():
    now = [10.1 * TICKET_SECONDS]
    tickets = Tickets(TOKEN, lambda: now[0])
    first = tickets.make(PATH)
    now[0] += 0.5 * TICKET_SECONDS
    assert tickets.make(PATH) == first


def test_a_ticket_cannot_be_made_without_the_token_or_changed():
    tickets = Tickets(TOKEN)
    expiry, _, digest = tickets.make(PATH).partition(".")
    later = f"{int(expiry) + TICKET_SECONDS}.{digest}"
    other = Tickets(TOKEN + "x").make(PATH)
    flipped = f"{expiry}.{digest[:-1]}{'0' if digest[-1] != '0' else '1'}"
    for forged in (later, other, flipped, expiry, "", ".", "9" * 5000, f"-1.{digest}", "ü.ü", "²."):
        assert not tickets.admits(PATH, forged)


def test_a_made_token_is_long_and_never_the_same():
    tokens = {make_token() for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(check_token(token)) >= 40 for token in tokens)


def test_a_token_that_can_be_guessed_is_refused(searcher):
    with pytest.raises(InkseekError, match="at least 16"):
        create_app(searcher, Access(token="x" * (MIN_TOKEN - 1)))
