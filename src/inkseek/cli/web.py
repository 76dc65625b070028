"""A listening socket and a server on it, as `serve` and `demo` need them."""

import contextlib
import os
import socket
import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

import typer

from inkseek.errors import InkseekError

if TYPE_CHECKING:
    from inkseek.search import Searcher
    from inkseek.server.app import Access
    from inkseek.server.drawing_model import DrawingModel

HOST = "127.0.0.1"
NEXT_PORTS = 50

GOODBYE_SECONDS = 3
"""Time for requests under way when the server is stopped; a page that watches jobs never ends."""


def choose_access(host: str, token: str | None, names: tuple[str, ...]) -> "Access":
    """Who may ask a service at an address; whoever comes over the network needs a token.

    Args:
        host: Address to listen on.
        token: One is made when None and needed.
        names: Under which the service may be addressed as well.

    Raises:
        InkseekError: The address is none, or the token is not fit to be one.
    """
    from inkseek.server.app import Access
    from inkseek.server.auth import check_token, make_token
    from inkseek.server.guards import LOOPBACK

    address = ip_address(HOST) if host == "localhost" else _to_address(host)
    if token is None and not address.is_loopback:
        token = make_token()
    return Access(
        hosts=(*LOOPBACK, host, *names),
        # Listening everywhere, the service has every numeric address of this computer.
        any_address=address.is_unspecified,
        token=check_token(token) if token is not None else None,
    )


def listen(port: int, *, or_next: bool, host: str = HOST) -> socket.socket:
    """A socket, on the loopback address unless told otherwise, which no other computer can reach.

    Args:
        port: 0 takes any free one.
        or_next: Take the next free port when this one is busy.
        host: Numeric address to listen on, or localhost.

    Raises:
        InkseekError: The port is busy, or the address is not this computer's.
    """
    last = min(port + NEXT_PORTS, 65535) if or_next and port else port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, last + 1):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError:
            listener.close()
            continue
        # A browser that is quicker than the server waits instead of being refused.
        listener.listen()
        return listener
    raise InkseekError(f"port {port} of {host} is busy; pass another one with --port")


def run_server(
    searcher: "Searcher",
    listener: socket.socket,
    access: "Access | None" = None,
    *,
    open_page: bool,
    watch: bool = False,
    drawing_model: "DrawingModel | None" = None,
) -> None:
    """Serve until Ctrl+C; on this computer only when `access` is None."""
    import webbrowser

    import uvicorn

    from inkseek.server.app import create_app

    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    # What follows # stays in the browser; the page reads it there and sends it as a header.
    fragment = f"#token={access.token}" if access and access.token else ""
    url = f"http://{name}:{port}/{fragment}"
    typer.echo(f"Draw at {url}  (stop with Ctrl+C)")
    if open_page and _has_screen():
        webbrowser.open(url)
    config = uvicorn.Config(
        create_app(searcher, access, watch=watch, drawing_model=drawing_model),
        log_level="warning",
        server_header=False,
        # Headers that name another client are anybody's to send.
        proxy_headers=False,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )
    # Ctrl+C is how one stops a server, not a failure of it.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _to_address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host)
    except ValueError:
        raise InkseekError(
            f"{host} is no address to listen on; pass a number such as 0.0.0.0, and the name with "
            "--allow-host"
        ) from None


def _has_screen() -> bool:
    """Without one, a browser for the terminal would take the terminal over."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
