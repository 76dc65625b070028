"""Changes to a training sketch: misplaced strokes to repair, and another hand's proportions."""

from dataclasses import dataclass

import numpy as np

from inkseek.data.sequences import Points, Strokes

NUM_FIRST_POINTS = 2
"""Points at the beginning of a stroke that are never dropped."""


@dataclass(frozen=True)
class AugmentPlan:
    """How a training sketch is varied before it is disturbed; zeros leave it alone.

    Attributes:
        stretch: Largest change of width and of height, each drawn for itself.
        drop: Probability of leaving out a point inside a stroke.
        canvas: Side of the square a sketch is placed in, in normalised units.
        placement: Share of the free margin of that square in which it may lie; at zero the first
            point stays at the origin.
    """

    stretch: float = 0.1
    drop: float = 0.1
    canvas: float = 48.0
    placement: float = 0.8


def disturb(strokes: Strokes, strength: float, *, generator: np.random.Generator) -> list[Points]:
    """Move every stroke but the first by a normal offset of its own (section 4.3 of the paper).

    Strokes move rigidly and do not carry later ones along. The deviation is ``strength`` times the
    longer side of the sketch's bounding box; at zero nothing moves, and the generator is used all
    the same, so that runs of different strengths see the same other randomness.
    """
    extent = np.ptp(np.concatenate(strokes), axis=0).max()
    offsets = generator.normal(size=(len(strokes), 2)) * (strength * extent)
    offsets[0] = 0
    return [stroke + o.astype(np.float32) for stroke, o in zip(strokes, offsets, strict=True)]


def augment(strokes: Strokes, plan: AugmentPlan, *, generator: np.random.Generator) -> list[Points]:
    """Stretch, thin and place a sketch, in this order."""
    factor = 1 + generator.uniform(-1, 1, 2) * plan.stretch
    varied = [
        (_thin(stroke, plan.drop, generator) * factor).astype(np.float32) for stroke in strokes
    ]
    if plan.placement == 0:
        return varied
    points = np.concatenate(varied)
    low, high = points.min(axis=0), points.max(axis=0)
    free = np.maximum(plan.canvas - (high - low), 0)
    margin = (1 - plan.placement) / 2
    corner = free * generator.uniform(margin, 1 - margin, 2)
    shift = (corner - low).astype(np.float32)
    return [stroke + shift for stroke in varied]


def _thin(stroke: Points, probability: float, generator: np.random.Generator) -> Points:
    keep = generator.random(len(stroke)) >= probability
    keep[:NUM_FIRST_POINTS] = True
    keep[-1] = True
    return stroke[keep]
