"""The data sets of a siamese run, packed, and an endless stream of its batches."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from inkseek.data.datasets.emoji import read_emoji
from inkseek.data.datasets.quickdraw import UNSEEN, read_quickdraw
from inkseek.data.datasets.shoes import read_shoes
from inkseek.data.datasets.sketchy import read_sketchy, read_unseen
from inkseek.data.pack import PackedSet, pack
from inkseek.data.pairs import PairSet
from inkseek.data.sampler import BatchSampler
from inkseek.data.views import make_views
from inkseek.errors import RecipeError
from inkseek.systems.siamese.config import SiameseConfig

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


def weights_root() -> Path:
    """The folder of start weights: ``INKSEEK_WEIGHTS``, by default ``../shared/weights``."""
    return Path(os.environ.get("INKSEEK_WEIGHTS", "../shared/weights"))


def load_sets(
    config: SiameseConfig,
    cache: Path,
    *,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[PackedSet]:
    """Read and pack every data set of a run."""
    unknown = [name for name in config.sets if name not in READERS]
    if unknown:
        raise RecipeError(f"unknown data set {unknown[0]!r}; known: {', '.join(READERS)}")
    packed = []
    for name in config.sets:
        pairs = READERS[name](data_root() / name)
        packed.append(
            pack(
                pairs,
                cache,
                photo_size=config.photo_size,
                on_progress=lambda done, total, name=name: on_progress(name, done, total),  # type: ignore[misc]
            )
        )
    return packed


def held_back() -> frozenset[str]:
    """Categories that no training of ours sees: zero-shot figures are measured on them."""
    return read_unseen(data_root() / "sketchy-mini") | UNSEEN


class BatchStream(IterableDataset[dict[str, Tensor]]):
    """Batches from ``first_step`` to the end; batch n depends on the seed and n alone.

    So a resumed run sees exactly the batches that an uninterrupted one sees.
    """

    def __init__(
        self, config: SiameseConfig, sets: Sequence[PackedSet], first_step: int = 0
    ) -> None:
        self.config = config
        self.sets = sets
        self.first_step = first_step
        self.sampler = BatchSampler([s.pairs for s in sets], config.plan, held_back())

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        """Batches of uint8 pixels, channels first."""
        for step in range(self.first_step, self.config.steps):
            yield self.batch(step)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        config = self.config
        generator = np.random.default_rng([config.seed, step])
        early = step < config.start_share * config.steps
        canvas_size = config.start_canvas_size if early else config.canvas_size
        rows = self.sampler.draw(generator)
        views = make_views(rows, self.sets, canvas_size, config.views, generator)
        return {
            "sketch": torch.from_numpy(views.sketch)[:, None].expand(-1, 3, -1, -1),
            "photo": torch.from_numpy(views.photo).permute(0, 3, 1, 2),
            "category": torch.from_numpy(views.category),
            "block": torch.from_numpy(views.block),
        }
