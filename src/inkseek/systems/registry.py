"""The systems by the names that recipes give them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkseek.errors import RecipeError

NAMES = ("photo_topology", "siamese", "sketchgloc", "sketchynet")


@dataclass(frozen=True)
class System:
    """What the command line needs of a system.

    Attributes:
        config: Frozen dataclass of its recipes; it has a ``name``.
        train: ``train(config, run, cache=, resume=, on_progress=)`` to the last checkpoint.
    """

    config: type[Any]
    train: Callable[..., Path]


def find_system(name: str) -> System:
    """Import a system; only the one asked for, since each brings its own libraries.

    Raises:
        RecipeError: There is no system of that name.
    """
    match name:
        case "photo_topology":
            from inkseek.systems.photo_topology.config import TopologyConfig
            from inkseek.systems.photo_topology.train import train as train_topology

            return System(TopologyConfig, train_topology)
        case "siamese":
            from inkseek.systems.siamese.config import SiameseConfig
            from inkseek.systems.siamese.train import train

            return System(SiameseConfig, train)
        case "sketchgloc":
            from inkseek.systems.sketchgloc.config import SketchGlocConfig
            from inkseek.systems.sketchgloc.train import train as train_sketchgloc

            return System(SketchGlocConfig, train_sketchgloc)
        case "sketchynet":
            from inkseek.systems.sketchynet.config import StudentConfig
            from inkseek.systems.sketchynet.train_student import train as train_student

            return System(StudentConfig, train_student)
    raise RecipeError(f"unknown system {name!r}; known: {', '.join(NAMES)}")
