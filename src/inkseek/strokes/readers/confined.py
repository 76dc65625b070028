"""Parsers that run in a child process, and errors that name the file all the same."""

from collections.abc import Callable
from typing import TypeVar

from inkseek.errors import LimitError
from inkseek.isolate import run_isolated

Parsed = TypeVar("Parsed")


def parse_confined(
    parse: Callable[[bytes, str], Parsed],
    content: bytes,
    name: str,
    *,
    seconds: float,
    memory_bytes: int,
) -> Parsed:
    """Call `parse(content, name)` in a child process.

    Raises:
        LimitError: It exceeded a limit, its own or those given here.
        SketchFormatError: What `parse` raised, as it is.
    """
    try:
        return run_isolated(parse, content, name, seconds=seconds, memory_bytes=memory_bytes)
    except LimitError as error:
        if str(error).startswith(name):
            raise
        raise LimitError(f"{name}: {error}") from None
