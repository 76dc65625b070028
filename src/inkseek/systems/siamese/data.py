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
from inkseek.training.features import Features


class BatchStream(IterableDataset[dict[str, Tensor]]):
    """Batches from ``first_step`` to the end; batch n depends on the seed and n alone.

    So a resumed run sees exactly the batches that an uninterrupted one sees.
    """

    def __init__(
        self,
        config: SiameseConfig,
        sets: Sequence[PackedSet],
        features: Sequence[Features],
        first_step: int = 0,
    ) -> None:
        self.config = config
        self.sets = sets
        self.first_step = first_step
        self.features = features
        absent = held_back(config.sets) | frozenset(config.held_back)
        self.sampler = BatchSampler([s.pairs for s in sets], config.plan, absent)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        """Batches of uint8 pixels, channels first."""
        for step in range(self.first_step, self.config.last_step):
            yield self.batch(step)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        config = self.config
        generator = np.random.default_rng([config.seed, step])
        rows = self.sampler.draw(generator)
        canvas_size, photo_size = config.sizes_at(step)
        views = make_views(rows, self.sets, (canvas_size,), photo_size, config.views, generator)
        reference = np.stack([self.features[row.photo_set][row.photo] for row in rows])
        return {
            "sketch": torch.from_numpy(views.sketches[canvas_size])[:, None].expand(-1, 3, -1, -1),
            "photo": torch.from_numpy(views.photo).permute(0, 3, 1, 2),
            "category": torch.from_numpy(views.category),
            "block": torch.from_numpy(views.block),
            "reference": torch.from_numpy(reference),
        }
