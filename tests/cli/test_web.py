import socket
import webbrowser

import pytest
import uvicorn

from inkseek.cli.web import HOST, choose_access, listen, run_server
from inkseek.errors import InkseekError


@pytest.fixture
def server(monkeypatch):
    """What would have been served, and the pages that would have been opened."""
    served, opened = [], []
    monkeypatch.setattr("inkseek.server.app.create_app", lambda searcher, *_, **__: searcher)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")

    def run(self, sockets):
        served.append((self.config.app, sockets[0].getsockname()))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    return served, opened


def port_of(listener):
    return listener.getsockname()[1]


def test_listens_at_once_and_on_this_computer_only():
    with listen(0, or_next=False) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        socket.create_connection(listener.getsockname(), timeout=1).close()


def test_a_busy_port_is_an_error_that_names_it():
    with listen(0, or_next=False) as busy:
        with pytest.raises(InkseekError, match=f"port {port_of(busy)} of {HOST} is busy; pass"):
            listen(port_of(busy), or_next=False)


def test_the_next_free_port_is_taken_when_asked_for():
    with listen(0, or_next=False) as busy, listen(port_of(busy), or_next=True) as listener:
        assert port_of(busy) < port_of(listener) <= port_of(busy) + 50


def test_serves_and_opens_the_page(server, capsys):
    served, opened = server
    with listen(0, or_next=False) as listener:
        run_server("searcher", listener, open_page=True)
        assert served == [("searcher", listener.getsockname())]
        assert opened == [f"http://127.0.0.1:{port_of(listener)}/"]
    assert opened[0] in capsys.readouterr().out


def test_opens_nothing_when_told_so_or_without_a_screen(server, monkeypatch):
    _, opened = server
    with listen(0, or_next=False) as listener:
        run_server("searcher", listener, open_page=False)
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.delenv("DISPLAY")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        run_server("searcher", listener, open_page=True)
    assert opened == []


@pytest.mark.usefixtures("server")
def test_ctrl_c_stops_it_without_a_complaint(monkeypatch):
    def interrupt(self, sockets):
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", interrupt)
    with listen(0, or_next=False) as listener:
        run_server("searcher", listener, open_page=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_computer_needs_no_token(host):
    access = choose_access(host, None, ())
    assert access.token is None
    assert host in access.hosts
    assert not access.any_address


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_another_address_gets_a_token_of_its_own(host):
    first, second = (choose_access(host, None, ()) for _ in range(2))
    assert len(first.token) >= 32
    assert first.token != second.token
    assert first.any_address == (host != "192.0.2.7")


def test_names_and_a_token_are_taken():
    access = choose_access("0.0.0.0", "a" * 16, ("photos.example",))
    assert access.token == "a" * 16
    assert "photos.example" in access.hosts


@pytest.mark.parametrize("token", ["", "short", "with a space in it", "ümlaut" * 4])
def test_a_token_that_is_no_good_is_refused(token):
    with pytest.raises(InkseekError, match="at least 16 ASCII characters"):
        choose_access("127.0.0.1", token, ())


def test_a_name_is_no_address():
    with pytest.raises(InkseekError, match="is no address to listen on"):
        choose_access("photos.example", None, ())


def test_the_token_is_printed_behind_the_sign_that_stays_in_the_browser(server, capsys):
    access = choose_access("127.0.0.1", "a" * 16, ())
    with listen(0, or_next=False) as listener:
        run_server("searcher", listener, access, open_page=False)
        address = f"http://127.0.0.1:{port_of(listener)}/#token={'a' * 16}  "
    assert address in capsys.readouterr().out
