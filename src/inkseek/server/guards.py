"""What stands between the network and the application: names, sizes and headers.

A page of another site must not read photos through the visitor's browser. So the name in the Host
header must be ours (a foreign name that resolves to this computer is not), what another site's
page asks is refused, and nothing is allowed by CORS.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkseek.server.problems import to_problem

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this computer, which mean no other."""

DEFAULT_BYTES = 64 * 2**10
"""Of the body of a request to an address that expects none."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; "
        # The encoder in the browser is WebAssembly in a worker; this allows no eval of text.
        "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # The page changes with the program, which the browser must notice.
    "Cache-Control": "no-cache",
}


class Guard:
    """Refuses what must not pass, and puts the security headers on every answer.

    Args:
        app: What it guards.
        hosts: Names, without a port, under which the service may be addressed.
        max_bytes: Largest body by path; `DEFAULT_BYTES` for the others.
        any_address: Every numeric address is fine as well: who can be led here by a name of
            another site comes under that name.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        max_bytes: Mapping[str, int] | None = None,
        *,
        any_address: bool = False,
    ) -> None:
        self.app = app
        self.any_address = any_address
        self.hosts = {host.lower() for host in hosts}
        self.max_bytes = max_bytes or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _add_headers(send)
        limit = self.max_bytes.get(scope["path"], DEFAULT_BYTES)
        try:
            headers = Headers(scope=scope)
            self._check_host(headers)
            _check_origin(headers)
            _check_length(headers, limit)
        except HTTPException as refusal:
            await to_problem(refusal.status_code, refusal.detail)(scope, receive, send)
            return
        await self.app(scope, _count(receive, limit), send)

    def _check_host(self, headers: Headers) -> None:
        host = headers.get("host", "")
        name = _name_of(f"//{host}")
        if name not in self.hosts and not (self.any_address and _is_address(name)):
            raise HTTPException(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this service is not called {host[:80]!r}; use {min(self.hosts)}",
            )


def _check_origin(headers: Headers) -> None:
    """Browsers say in headers, which no page can forge, whose page asks."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "none")
    is_foreign = site in {"cross-site", "same-site"} or (
        origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    )
    # A link on another page may lead here; the page then asks for itself.
    is_visit = origin is None and headers.get("sec-fetch-mode") == "navigate"
    if is_foreign and not is_visit:
        raise HTTPException(
            HTTPStatus.FORBIDDEN, "the page of another site asks; open the service's own page"
        )


def _check_length(headers: Headers, limit: int) -> None:
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise _too_large(limit)


def _count(receive: Receive, limit: int) -> Receive:
    """A body of undeclared length is cut off where it passes the limit."""
    taken = 0

    async def receive_counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return receive_counted


def _add_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_guarded


def _name_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _too_large(limit: int) -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the request is larger than {limit >> 10} KiB; send less",
    )
