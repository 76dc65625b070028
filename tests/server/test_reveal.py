import subprocess
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from inkseek.server import reveal
from inkseek.server.problems import NotSupportedError
from inkseek.server.reveal import check_local, find_command, reveal_file

PHOTO = Path("/photos/a b;c.jpg")


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")


def request(client, host):
    headers = [(b"host", host.encode())]
    scope = {"type": "http", "client": (client, 1), "headers": headers, "path": "/"}
    return Request({**scope, "server": ("x", 1), "scheme": "http", "query_string": b""})


def test_whoever_sits_here_may():
    check_local(request("127.0.0.1", "localhost:8765"))
    check_local(request("::1", "[::1]:8765"))


@pytest.mark.parametrize(
    ("client", "host"),
    [("192.0.2.7", "127.0.0.1"), ("127.0.0.1", "photos.example"), ("testclient", "localhost")],
)
def test_nobody_else_may(client, host):
    with pytest.raises(HTTPException, match="sits at the computer"):
        check_local(request(client, host))


@pytest.mark.parametrize(
    ("platform", "command"),
    [("darwin", ["open", "-R", str(PHOTO)]), ("win32", ["explorer", f"/select,{PHOTO}"])],
)
def test_each_system_has_its_command(monkeypatch, platform, command):
    monkeypatch.setattr("sys.platform", platform)
    assert find_command(PHOTO) == command


@pytest.mark.usefixtures("linux")
def test_the_folder_is_opened_without_a_shell(monkeypatch):
    started = []

    def run(command, **options):
        started.append(command)
        assert not options.get("shell")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    reveal_file(PHOTO)
    assert started == [["/usr/bin/xdg-open", "/photos"]]


@pytest.mark.usefixtures("linux")
def test_without_a_file_manager_it_says_which_folder_to_open(monkeypatch):
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(NotSupportedError, match="no file manager; open /photos"):
        reveal_file(PHOTO)


@pytest.mark.usefixtures("linux")
def test_a_file_manager_that_fails_is_told(monkeypatch):
    monkeypatch.setattr(reveal, "find_command", lambda path: ["false"])
    with pytest.raises(NotSupportedError, match="false failed; open /photos by hand"):
        reveal_file(PHOTO)
    monkeypatch.setattr(reveal, "find_command", lambda path: ["/no/such/program"])
    with pytest.raises(NotSupportedError, match="does not start"):
        reveal_file(PHOTO)
