"""A listening socket and a server on it, as `serve` and `demo` need them."""

import contextlib
import os
import socket
import sys
from typing import TYPE_CHECKING

import typer

from inkseek.errors import InkseekError

if TYPE_CHECKING:
    from inkseek.search import Searcher

HOST = "127.0.0.1"
NEXT_PORTS = 50


def listen(port: int, *, or_next: bool) -> socket.socket:
    """A socket on the loopback address, which no other computer can reach.

    Args:
        port: 0 takes any free one.
        or_next: Take the next free port when this one is busy.

    Raises:
        InkseekError: The port is busy.
    """
    last = min(port + NEXT_PORTS, 65535) if or_next and port else port
    for candidate in range(port, last + 1):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
        except OSError:
            listener.close()
            continue
        # A browser that is quicker than the server waits instead of being refused.
        listener.listen()
        return listener
    raise InkseekError(f"port {port} of {HOST} is busy; pass another one with --port")


def run_server(searcher: "Searcher", listener: socket.socket, *, open_page: bool) -> None:
    """Serve until Ctrl+C."""
    import webbrowser

    import uvicorn

    from inkseek.server.app import create_app

    url = f"http://{HOST}:{listener.getsockname()[1]}/"
    typer.echo(f"Draw at {url}  (stop with Ctrl+C)")
    if open_page and _has_screen():
        webbrowser.open(url)
    config = uvicorn.Config(create_app(searcher), log_level="warning", server_header=False)
    # Ctrl+C is how one stops a server, not a failure of it.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _has_screen() -> bool:
    """Without one, a browser for the terminal would take the terminal over."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
