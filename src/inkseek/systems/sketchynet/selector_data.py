"""What a selector learns from: sketches as it sees them, beside what each canvas brings them."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from inkseek.errors import DatasetError
from inkseek.systems.sketchynet.outcomes import Outcomes
from inkseek.systems.sketchynet.sequences import COMPLETION_LEVELS, Sequences

Index = Int64[np.ndarray, " batch"]


@dataclass(frozen=True, eq=False)
class StrokeInputs:
    """Sketches for a selector that reads strokes.

    Attributes:
        sequences: The complete sketches.
        levels: Percent of the points at each completion level; the last is 100.
    """

    sequences: Sequences
    levels: tuple[int, ...] = COMPLETION_LEVELS

    @property
    def shape(self) -> tuple[int, int]:
        """Levels and sketches."""
        return len(self.levels), len(self.sequences.lengths)

    def tensors(self, index: Index, level: Index) -> tuple[Tensor, ...]:
        """What the selector takes for some sketches at some levels."""
        taken = self.sequences.take(index, np.array(self.levels)[level])
        return torch.from_numpy(taken.rows), torch.from_numpy(taken.lengths)


@dataclass(frozen=True, eq=False)
class RasterInputs:
    """Sketches for the selector that looks at a raster.

    Attributes:
        images: Black on white, drawn at each completion level; the last is complete.
    """

    images: UInt8[np.ndarray, "levels sketches height width"]

    @property
    def shape(self) -> tuple[int, int]:
        """Levels and sketches."""
        return self.images.shape[0], self.images.shape[1]

    def tensors(self, index: Index, level: Index) -> tuple[Tensor, ...]:
        """What the selector takes for some sketches at some levels."""
        return (1.0 - torch.from_numpy(self.images[level, index])[:, None].float() / 255.0,)


Inputs = StrokeInputs | RasterInputs


@dataclass(frozen=True, eq=False)
class SelectorData:
    """What the selector sees of each sketch, and what each canvas brings."""

    inputs: Inputs
    outcomes: Outcomes

    def __post_init__(self) -> None:
        levels, _, sketches = self.outcomes.ranks.shape
        if self.inputs.shape != (levels, sketches) or not sketches:
            raise DatasetError(
                f"inputs hold (levels, sketches) {self.inputs.shape}, but outcomes "
                f"{levels, sketches}; both must hold the same, and at least one sketch"
            )
