"""The data sets we train and measure on, by name, and the categories no training may see."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from inkseek.data.datasets.emoji import read_emoji
from inkseek.data.datasets.pairs_folder import read_pairs_folder
from inkseek.data.datasets.quickdraw import UNSEEN, read_quickdraw, read_quickdraw_strokes
from inkseek.data.datasets.shoes import read_shoes
from inkseek.data.datasets.sketchy import read_sketchy, read_unseen
from inkseek.data.pack import PackedSet, pack
from inkseek.data.pairs import OWN, PairSet
from inkseek.data.progress import OnProgress, silent
from inkseek.data.releases import RELEASES, find_release, read_release
from inkseek.errors import RecipeError

READERS: dict[str, Callable[[Path], PairSet]] = {
    "sketchy-mini": read_sketchy,
    "sketchy-more": lambda root: read_sketchy(root, splits="splits.tsv"),
    "shoes": read_shoes,
    "emoji": read_emoji,
    "quickdraw": read_quickdraw,
    "quickdraw-strokes": lambda root: read_quickdraw_strokes(root.with_name("quickdraw")),
}


def data_root() -> Path:
    """The folder of data sets: ``INKSEEK_DATA``, by default ``../shared/data``."""
    return Path(os.environ.get("INKSEEK_DATA", "../shared/data"))


def read_set(name: str) -> PairSet:
    """Read a data set by its name.

    ``pairs:FOLDER`` is a folder of one's own; ``shoev2:FOLDER`` and the like are releases
    (`data.releases`).

    Raises:
        RecipeError: There is no data set of that name.
        DatasetError: Its folder is missing or not as it should be.
    """
    if name.startswith(OWN):
        return read_pairs_folder(Path(name.removeprefix(OWN)).expanduser())
    if find_release(name):
        return read_release(name)
    if name not in READERS:
        known = ", ".join([*READERS, f"{OWN}FOLDER", *(f"{kind}:FOLDER" for kind in RELEASES)])
        raise RecipeError(f"unknown data set {name!r}; known: {known}")
    return READERS[name](data_root() / name)


def load_sets(
    names: Sequence[str],
    cache: Path,
    *,
    photo_size: int,
    on_progress: OnProgress = silent,
) -> list[PackedSet]:
    """Read and pack data sets by their names."""
    packed = []
    for name in names:
        pairs = read_set(name)
        packed.append(
            pack(
                pairs,
                cache,
                photo_size=photo_size,
                on_progress=lambda done, total, name=name: on_progress(name, done, total),  # type: ignore[misc]
            )
        )
    return packed


def held_back(names: Sequence[str]) -> frozenset[str]:
    """Categories that no training of ours sees: zero-shot figures are measured on them.

    A release brings its own; data of one's own holds nothing back.
    """
    releases = [release for name in names if (release := find_release(name))]
    unseen = frozenset[str]().union(*(release.unseen for release in releases))
    if all(name.startswith(OWN) or find_release(name) for name in names):
        return unseen
    return unseen | read_unseen(data_root() / "sketchy-mini") | UNSEEN
