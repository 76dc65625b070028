"""One drawing at a time for the model that draws, with a short queue before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from inkseek.server.problems import ConflictError

MAX_WAITING = 4
"""Drawings at hand and in the queue; whoever waits keeps a thread from answering searches."""


class Turns:
    """Who may use the model now."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._is_taken = False
        self._num_places = 0
        self._newest: object = None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            ConflictError: Too many wait already.
        """
        with self._changed:
            if self._num_places == MAX_WAITING:
                raise ConflictError("other drawings come first; try again in a moment")
            self._num_places += 1
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._is_taken)
                self._is_taken = True
            with self._end():
                yield
        finally:
            with self._changed:
                self._num_places -= 1

    @contextmanager
    def take_newest(self) -> Iterator[None]:
        """Wait for one's turn, unless another one comes here in the meantime: one waits at most.

        Raises:
            ConflictError: A newer drawing has taken the place.
        """
        mine = object()
        with self._changed:
            self._newest = mine
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_taken or self._newest is not mine)
            if self._newest is not mine:
                raise ConflictError("a newer drawing came in between; ask again")
            self._newest = None
            self._is_taken = True
        with self._end():
            yield

    @contextmanager
    def _end(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()
