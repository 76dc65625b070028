"""Real sketches to rasters with the number of their category."""

import numpy as np
import torch
from torch import Tensor

from inkseek.data.sequences import SequenceSet
from inkseek.raster.draw import draw_batch
from inkseek.strokes.augment import affine
from inkseek.strokes.geometry import flip
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.training.stream import StepStream


class RasterStream(StepStream):
    """Batches of ``image`` (batch, side, side) of bytes and ``category`` (batch)."""

    def __init__(
        self, config: RecogniserConfig, sequences: SequenceSet, first_step: int = 0
    ) -> None:
        super().__init__(config.seed, first_step, config.steps)
        self.config, self.sequences = config, sequences
        self.rows = sequences.rows("train")

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        generator = self.generator(step)
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
