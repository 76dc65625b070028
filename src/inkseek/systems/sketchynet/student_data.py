"""An endless stream of batches for a student: each sketch on every canvas, the teacher's too."""

from collections.abc import Sequence

import torch
from torch import Tensor

from inkseek.data.pack import PackedSet
from inkseek.data.sampler import BatchSampler
from inkseek.data.sets import held_back
from inkseek.data.views import make_views
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.training.stream import StepStream


class StudentStream(StepStream):
    """Batches of uint8 pixels, channels first; ``sketch-64`` holds sketches at 64 pixels."""

    def __init__(
        self,
        config: StudentConfig,
        sets: Sequence[PackedSet],
        canvas_sizes: Sequence[int],
        photo_size: int,
        first_step: int = 0,
    ) -> None:
        super().__init__(config.seed, first_step, config.last_step)
        self.config = config
        self.sets = sets
        self.canvas_sizes = canvas_sizes
        self.photo_size = photo_size
        self.sampler = BatchSampler([s.pairs for s in sets], config.plan, held_back(config.sets))

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step."""
        generator = self.generator(step)
        rows = self.sampler.draw(generator)
        views = make_views(
            rows, self.sets, self.canvas_sizes, self.photo_size, self.config.views, generator
        )
        sketches = {
            f"sketch-{size}": torch.from_numpy(drawn)[:, None].expand(-1, 3, -1, -1)
            for size, drawn in views.sketches.items()
        }
        return {
            **sketches,
            "photo": torch.from_numpy(views.photo).permute(0, 3, 1, 2),
            "category": torch.from_numpy(views.category),
            "block": torch.from_numpy(views.block),
            "step": torch.tensor(step),
        }
