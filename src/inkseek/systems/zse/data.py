"""An endless stream of batches for a ZSE run."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from inkseek.data.pack import PackedSet
from inkseek.data.views import make_views
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.sampler import ItemSampler
from inkseek.training.features import Features
from inkseek.training.stream import StepStream


class ItemStream(StepStream):
    """Batches of uint8 pixels, channels first."""

    def __init__(
        self,
        config: ZseConfig,
        sets: Sequence[PackedSet],
        references: Sequence[Features],
        absent: frozenset[str],
        first_step: int = 0,
    ) -> None:
        super().__init__(config.seed, first_step, config.last_step)
        self.config = config
        self.sets = sets
        self.references = references
        pairs = [s.pairs for s in sets]
        self.sampler = ItemSampler(pairs, absent, own_photo=config.own_photo)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step, laid out as `pairing` says.

        Returns:
            ``sketch`` and ``photo``, pixels of two an item; ``sketch_category`` and
            ``photo_category``, numbers; ``reference``, frozen features of the photos; ``step``.
        """
        config = self.config
        generator = self.generator(step)
        items = self.sampler.draw(config.items, generator)
        rows = [item.positive for item in items] + [item.negative for item in items]
        size = config.network.image_size
        views = make_views(rows, self.sets, (size,), size, config.views, generator)
        reference = np.stack([self.references[row.photo_set][row.photo] for row in rows])
        own = torch.tensor([item.positive.category for item in items])
        return {
            "sketch": torch.from_numpy(views.sketches[size])[:, None].expand(-1, 3, -1, -1),
            "photo": torch.from_numpy(views.photo).permute(0, 3, 1, 2),
            "sketch_category": own.repeat(2),
            "photo_category": torch.from_numpy(views.category),
            "reference": torch.from_numpy(reference),
            "step": torch.tensor(step),
        }
