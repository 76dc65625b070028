"""Batches of a training loop, one a step: what a resumed run sees is what an unbroken one sees."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from torch import Tensor
from torch.utils.data import IterableDataset

Batch = dict[str, Tensor]


class StepStream(IterableDataset[Batch], ABC):
    """Batches from ``first_step`` to ``last_step``; batch n depends on the seed and n alone.

    On several devices each draws batches of its own: then n and the number of the device decide.

    Attributes:
        seed: Of everything random in a batch.
        first_step: The first batch that is given out.
        last_step: Where it ends.
        device_rank: Number of the device that is fed, from 0; the training loop sets it.
    """

    def __init__(self, seed: int, first_step: int, last_step: int) -> None:
        self.seed = seed
        self.first_step = first_step
        self.last_step = last_step
        self.device_rank = 0

    def __iter__(self) -> Iterator[Batch]:
        """The batches in order."""
        for step in range(self.first_step, self.last_step):
            yield self.batch(step)

    @abstractmethod
    def batch(self, step: int) -> Batch:
        """The batch of one step."""

    def generator(self, *key: int) -> np.random.Generator:
        """Randomness for a step, or whatever else a stream counts."""
        # A single device draws what it drew before there could be several.
        rank = (self.device_rank,) if self.device_rank else ()
        return np.random.default_rng([self.seed, *key, *rank])
