"""The systems by the names that recipes give them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkseek.data.progress import OnProgress, silent
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
        load: ``load(config, cache, on_progress)`` to what ``fit`` takes besides recipe and folder.
        fit: ``fit(config, run, *loaded, resume=)`` to the checkpoint that is used.
        export: ``export(run, out, cache=, on_progress=)`` writes a run's model folder and gives
            its files; ``None`` for a system whose runs cannot be exported.
        parallel: Whether ``fit`` takes ``hardware`` and can run on several devices.
    """

    config: type[Any]
    load: Callable[[Any, Path, OnProgress], tuple[Any, ...]]
    fit: Callable[..., Path]
    export: Callable[..., list[Path]] | None = None
    parallel: bool = False

    def train(
        self,
        config: Any,  # noqa: ANN401
        run: Path,
        *,
        cache: Path,
        resume: bool = False,
        devices: int = 1,
        machines: int = 1,
        on_progress: OnProgress = silent,
    ) -> Path:
        """Train by a recipe and return the checkpoint that is used.

        Args:
            config: The recipe.
            run: Folder of the run (`training.run`).
            cache: Folder of packed data sets, stored sequences and features of frozen networks.
            resume: Go on from the last checkpoint if there is one.
            devices: Devices of each machine.
            machines: Machines.
            on_progress: Told of what is prepared for the cache.

        Raises:
            RecipeError: Several devices are asked for, and the system trains on one.
        """
        if not self.parallel and (devices, machines) != (1, 1):
            raise RecipeError(f"{config.name} trains on one device; leave out --devices")
        loaded = self.load(config, cache, on_progress)
        if not self.parallel:
            return self.fit(config, run, *loaded, resume=resume)
        from inkseek.training.loop import Hardware

        hardware = Hardware(devices, machines)
        return self.fit(config, run, *loaded, resume=resume, hardware=hardware)


def find_system(name: str) -> System:
    """Import a system; only the one asked for, since each brings its own libraries.

    Raises:
        RecipeError: There is no system of that name.
    """
    match name:
        case "photo_topology":
            from inkseek.systems.photo_topology import train as photo_topology
            from inkseek.systems.photo_topology.config import TopologyConfig
            from inkseek.systems.photo_topology.export import export as export_topology

            return System(TopologyConfig, photo_topology.load, photo_topology.fit, export_topology)
        case "recogniser":
            from inkseek.systems.recogniser import train as recogniser
            from inkseek.systems.recogniser.config import RecogniserConfig

            return System(RecogniserConfig, recogniser.load, recogniser.fit, parallel=True)
        case "siamese":
            from inkseek.systems.siamese import train as siamese
            from inkseek.systems.siamese.config import SiameseConfig
            from inkseek.systems.siamese.export import export as export_siamese

            return System(SiameseConfig, siamese.load, siamese.fit, export_siamese, parallel=True)
        case "sketchgloc":
            from inkseek.systems.sketchgloc import train as sketchgloc
            from inkseek.systems.sketchgloc.config import SketchGlocConfig
            from inkseek.systems.sketchgloc.export import export as export_sketchgloc

            return System(SketchGlocConfig, sketchgloc.load, sketchgloc.fit, export_sketchgloc)
        case "sketchynet":
            from inkseek.systems.sketchynet import train_student
            from inkseek.systems.sketchynet.config import StudentConfig
            from inkseek.systems.sketchynet.export import export_student

            return System(
                StudentConfig, train_student.load, train_student.fit, export_student, parallel=True
            )
        case "sketchynet_selector":
            from inkseek.systems.sketchynet import selector_run
            from inkseek.systems.sketchynet.export import export_selector
            from inkseek.systems.sketchynet.selector_run import SelectorRunConfig

            return System(SelectorRunConfig, selector_run.load, selector_run.fit, export_selector)
        case "zse":
            from inkseek.systems.zse import train as zse
            from inkseek.systems.zse.config import ZseConfig

            return System(ZseConfig, zse.load, zse.fit, parallel=True)
    raise RecipeError(f"unknown system {name!r}; known: {', '.join(NAMES)}")


def find_exporting() -> list[str]:
    """Names of the systems whose runs can be exported; imports all of them."""
    return [name for name in NAMES if find_system(name).export is not None]
