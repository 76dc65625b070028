"""Who may ask, when the service can be reached from other computers: whoever knows the token.

The token comes in a header. What a page cannot put a header on, such as the address of a picture,
carries a ticket instead: an expiry and an HMAC-SHA256 of it and the path, made with the token. A
ticket opens that one address, for reading, until it expires; no cookie is ever set.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from inkseek.errors import InkseekError
from inkseek.server.problems import to_problem

MIN_TOKEN = 16
"""Characters of a token at least, so that it cannot be guessed over a network."""

TICKET_SECONDS = 12 * 3600
"""A ticket is good for this long at least and twice as long at most: within a period all tickets
for an address are one, so that a browser finds its picture in its cache."""

GUARDED = ("/api/", "/metrics")
"""How addresses begin that tell of photos. The page's own files tell nothing, and it has to load
before it can read the token."""


def make_token() -> str:
    """A new token of 256 random bits."""
    return secrets.token_urlsafe(32)


def check_token(token: str) -> str:
    """The token, if it is fit to be one.

    Raises:
        InkseekError: It is too short, or has signs that no header can carry.
    """
    if len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise InkseekError(
            f"a token has at least {MIN_TOKEN} ASCII characters and no space; leave --token away "
            "to have one made"
        )
    return token


class Tickets:
    """Makes and checks tickets; without a token none are needed.

    Args:
        token: Of the service.
        clock: Seconds since 1970.
    """

    def __init__(self, token: str | None, clock: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(b"inkseek ticket\0" + (token or "").encode()).digest()
        self._is_needed = token is not None
        self._clock = clock

    def link(self, path: str) -> str:
        """The address of a path, with a ticket if one is needed."""
        return f"{path}?ticket={self.make(path)}" if self._is_needed else path

    def make(self, path: str) -> str:
        """A ticket for a path."""
        period = int(self._clock()) // TICKET_SECONDS
        return self._sign(path, (period + 2) * TICKET_SECONDS)

    def admits(self, path: str, ticket: str) -> bool:
        """Whether a ticket is for this path, ours, and not expired."""
        head = ticket.partition(".")[0]
        # A number of a few digits only: int() of a long one takes its time.
        if not (head.isascii() and head.isdecimal() and len(head) <= 12):
            return False
        expected = self._sign(path, int(head))
        is_ours = hmac.compare_digest(ticket.encode(), expected.encode())
        return is_ours and self._clock() < int(head)

    def _sign(self, path: str, expiry: int) -> str:
        digest = hmac.new(self._key, f"{expiry}\0{path}".encode(), hashlib.sha256)
        return f"{expiry}.{digest.hexdigest()[:32]}"


class Authorization:
    """Lets those pass who know the token, or have a ticket for what they read.

    Args:
        app: What it guards.
        token: Of the service.
        tickets: Made with the same token.
    """

    def __init__(self, app: ASGIApp, token: str, tickets: Tickets) -> None:
        self.app = app
        self._digest = _hash(token.encode())
        self._tickets = tickets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and _is_guarded(scope["path"]) and not self._knows(scope):
            refusal = to_problem(
                HTTPStatus.UNAUTHORIZED,
                "this service asks for its token; send the header `Authorization: Bearer TOKEN`, "
                "or open the page with #token=TOKEN",
                headers={"WWW-Authenticate": 'Bearer realm="inkseek"'},
            )
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        # Of digests, whose comparison tells nothing about the length of the token either.
        given = _hash(token.strip().encode())
        if kind.lower() == "bearer" and hmac.compare_digest(given, self._digest):
            return True
        tickets = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [])
        return scope["method"] in {"GET", "HEAD"} and any(
            self._tickets.admits(scope["path"], ticket) for ticket in tickets[:1]
        )


def _is_guarded(path: str) -> bool:
    return path.startswith(GUARDED)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
