"""What a service may be handed to draw with: functions, so that it knows nothing behind them."""

from collections.abc import Callable
from dataclasses import dataclass

from inkseek.strokes.sketch import Sketch

Tidy = Callable[[Sketch], Sketch]
"""Moves whole strokes: `inkseek.systems.sketchgloc.reorganise.tidy` of a trained model."""

Suggest = Callable[[Sketch, int, int], list[Sketch]]
"""A sketch, how many at most and a seed to others on the same canvas: `suggest.suggest`."""

Generate = Callable[[Sketch | str, int, int, float], list[Sketch]]
"""A sketch or a category, how many, a seed and a temperature to new sketches:
`reorganise.generate_several`."""

Interpolate = Callable[[Sketch, Sketch, int], list[Sketch]]
"""Two sketches and a number to the way between them: `reorganise.interpolate`."""


@dataclass(frozen=True)
class DrawingModel:
    """One trained model; the service refuses what there is no function for.

    Attributes:
        categories: Names that `generate` takes.
    """

    tidy: Tidy | None = None
    suggest: Suggest | None = None
    generate: Generate | None = None
    interpolate: Interpolate | None = None
    categories: Callable[[], list[str]] = list
