"""The data sets we train and measure on, by name, and the categories no training may see."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from inkseek.data.datasets.emoji import read_emoji
from inkseek.data.datasets.quickdraw import UNSEEN, read_quickdraw
from inkseek.data.datasets.shoes import read_shoes
from inkseek.data.datasets.sketchy import read_sketchy, read_unseen
from inkseek.data.pack import PackedSet, pack
from inkseek.data.pairs import PairSet
from inkseek.errors import RecipeError

READERS: dict[str, Callable[[Path], PairSet]] = {
    "sketchy-mini": read_sketchy,
    "sketchy-more": lambda root: read_sketchy(root, splits="splits.tsv"),
    "shoes": read_shoes,
    "emoji": read_emoji,
    "quickdraw": read_quickdraw,
}


def data_root() -> Path:
    """The folder of data sets: ``INKSEEK_DATA``, by default ``../shared/data``."""
    return Path(os.environ.get("INKSEEK_DATA", "../shared/data"))


def load_sets(
    names: Sequence[str],
    cache: Path,
    *,
    photo_size: int,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[PackedSet]:
    """Read and pack data sets by their names."""
    unknown = [name for name in names if name not in READERS]
    if unknown:
        raise RecipeError(f"unknown data set {unknown[0]!r}; known: {', '.join(READERS)}")
    packed = []
    for name in names:
        pairs = READERS[name](data_root() / name)
        packed.append(
            pack(
                pairs,
                cache,
                photo_size=photo_size,
                on_progress=lambda done, total, name=name: on_progress(name, done, total),  # type: ignore[misc]
            )
        )
    return packed


def held_back() -> frozenset[str]:
    """Categories that no training of ours sees: zero-shot figures are measured on them."""
    return read_unseen(data_root() / "sketchy-mini") | UNSEEN
