"""Progress bars of commands that prepare data, on stderr so that output can be piped."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkseek.data.progress import OnProgress


@contextmanager
def packing_progress() -> Iterator["OnProgress"]:
    """A bar for each data set that is decoded; none when all are in the cache."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def update(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(f"decoding {name}", total=total)
            progress.update(bars[name], completed=done)

        yield update
