"""How long work tells how far it is: a function of a name, what is done and what there is."""

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]
"""Called with the name of a part (a data set, a category), how much of it is done, and its size."""


def silent(name: str, done: int, total: int) -> None:
    """Nobody is told."""
