"""An endless stream of batches for a siamese run."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from inkseek.data.pack import PackedSet
from inkseek.data.sampler import BatchSampler
from inkseek.data.sets import held_back
from inkseek.data.views import make_views
from inkseek.systems.siamese.config import SiameseConfig


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
        for step in range(self.first_step, self.config.last_step):
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
