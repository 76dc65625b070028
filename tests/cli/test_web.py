import socket
import webbrowser

import pytest
import uvicorn

from inkseek.cli.web import HOST, listen, run_server
from inkseek.errors import InkseekError


@pytest.fixture
def server(monkeypatch):
    """What would have been served, and the pages that would have been opened."""
    served, opened = [], []
    monkeypatch.setattr("inkseek.server.app.create_app", lambda searcher: searcher)
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
