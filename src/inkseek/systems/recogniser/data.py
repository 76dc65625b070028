"""Real sketches to rasters with the number of their category."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from inkseek.data.sequences import SequenceSet
from inkseek.raster.draw import draw_batch
from inkseek.strokes.augment import affine
from inkseek.strokes.geometry import flip
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.config import RecogniserConfig


class RasterStream(IterableDataset[dict[str, Tensor]]):
    """Batches from ``first_step`` on; batch n depends on the seed and n alone."""

    def __init__(
        self, config: RecogniserConfig, sequences: SequenceSet, first_step: int = 0
    ) -> None:
        self.config, self.sequences = config, sequences
        self.first_step = first_step
        self.rows = sequences.rows("train")

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        """``image`` (batch, side, side) of bytes and ``category`` (batch)."""
        for step in range(self.first_step, self.config.steps):
            yield self.batch(step)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        generator = np.random.default_rng([self.config.seed, step])
        size = min(self.config.batch_size, len(self.rows))
        rows = generator.choice(self.rows, size, replace=False)
        sketches = [self._vary(self.sequences.sketches[int(i)], generator) for i in rows]
        return {
            "image": torch.from_numpy(draw_batch(sketches, self.config.canvas_size)),
            "category": torch.from_numpy(self.sequences.category[rows]),
        }

    def _vary(self, sketch: Sketch, generator: np.random.Generator) -> Sketch:
        config = self.config
        if generator.random() < config.mirror:
            sketch = flip(sketch)
        return affine(
            sketch,
            rotation=config.rotation,
            stretch=config.stretch,
            shear=config.shear,
            generator=generator,
        )
