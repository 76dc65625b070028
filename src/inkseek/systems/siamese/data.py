"""An endless stream of batches for a siamese run."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from inkseek.data.pack import PackedSet
from inkseek.data.sampler import BatchSampler
from inkseek.data.sets import held_back
from inkseek.data.views import make_views
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.training.features import Features
from inkseek.training.stream import StepStream


class BatchStream(StepStream):
    """Batches of uint8 pixels, channels first."""

    def __init__(
        self,
        config: SiameseConfig,
        sets: Sequence[PackedSet],
        features: Sequence[Features],
        first_step: int = 0,
    ) -> None:
        super().__init__(config.seed, first_step, config.last_step)
        self.config = config
        self.sets = sets
        self.features = features
        absent = held_back(config.sets) | frozenset(config.held_back)
        self.sampler = BatchSampler([s.pairs for s in sets], config.plan, absent)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        config = self.config
        generator = self.generator(step)
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
