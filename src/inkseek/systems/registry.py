"""The systems by the names that recipes give them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkseek.errors import RecipeError

NAMES = (
    "photo_topology",
    "recogniser",
    "siamese",
    "sketchgloc",
    "sketchynet",
    "sketchynet_selector",
    "zse",
)


@dataclass(frozen=True)
class System:
    """What the command line needs of a system.

    Attributes:
        config: Frozen dataclass of its recipes; it has a ``name``.
        train: ``train(config, run, cache=, resume=, on_progress=)`` to the last checkpoint.
        export: ``export(run, out, cache=, on_progress=)`` to the files of the model folder it
            wrote; ``None`` for a system whose runs cannot be exported.
    """

    config: type[Any]
    train: Callable[..., Path]
    export: Callable[..., list[Path]] | None = None


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
        case "recogniser":
            from inkseek.systems.recogniser.config import RecogniserConfig
            from inkseek.systems.recogniser.train import train as train_recogniser

            return System(RecogniserConfig, train_recogniser)
        case "siamese":
            from inkseek.systems.siamese.config import SiameseConfig
            from inkseek.systems.siamese.export import export as export_siamese
            from inkseek.systems.siamese.train import train

            return System(SiameseConfig, train, export_siamese)
        case "sketchgloc":
            from inkseek.systems.sketchgloc.config import SketchGlocConfig
            from inkseek.systems.sketchgloc.export import export as export_sketchgloc
            from inkseek.systems.sketchgloc.train import train as train_sketchgloc

            return System(SketchGlocConfig, train_sketchgloc, export_sketchgloc)
        case "sketchynet":
            from inkseek.systems.sketchynet.config import StudentConfig
            from inkseek.systems.sketchynet.export import export_student
            from inkseek.systems.sketchynet.train_student import train as train_student

            return System(StudentConfig, train_student, export_student)
        case "sketchynet_selector":
            from inkseek.systems.sketchynet.export import export_selector
            from inkseek.systems.sketchynet.selector_run import SelectorRunConfig
            from inkseek.systems.sketchynet.selector_run import train as train_selector

            return System(SelectorRunConfig, train_selector, export_selector)
        case "zse":
            from inkseek.systems.zse.config import ZseConfig
            from inkseek.systems.zse.train import train as train_zse

            return System(ZseConfig, train_zse)
    raise RecipeError(f"unknown system {name!r}; known: {', '.join(NAMES)}")


def find_exporting() -> list[str]:
    """Names of the systems whose runs can be exported; imports all of them."""
    return [name for name in NAMES if find_system(name).export is not None]
