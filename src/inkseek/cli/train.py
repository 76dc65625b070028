"""`inkseek train`: a recipe to trained weights."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import CacheOption


def train(
    recipe: Annotated[Path, typer.Argument(help="YAML file, such as recipes/siamese.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Change one value: key=value; repeatable.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of runs; this one goes in RUNS/NAME.")] = Path(
        "runs"
    ),
    cache: CacheOption = Path("cache"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint of the run.")
    ] = False,
    devices: Annotated[
        int, typer.Option(min=1, help="Processes on this machine, each on a GPU if there are GPUs.")
    ] = 1,
    machines: Annotated[
        int,
        typer.Option(
            min=1,
            help="Machines; run this on each, with MASTER_ADDR, MASTER_PORT, NODE_RANK set.",
        ),
    ] = 1,
) -> None:
    """Train the encoder of a recipe; data sets lie in $INKSEEK_DATA."""
    from inkseek.cli.progress import packing_progress
    from inkseek.systems.registry import find_system
    from inkseek.training.recipe import read_recipe, read_system
    from inkseek.training.run import is_first_process

    system = find_system(read_system(recipe))
    config = read_recipe(recipe, system.config, overrides or ())
    with packing_progress() as on_progress:
        last = system.train(
            config,
            runs / config.name,
            cache=cache,
            resume=resume,
            devices=devices,
            machines=machines,
            on_progress=on_progress,
        )
    if is_first_process():
        _report(last, config.name, exports=system.export is not None)


def _report(last: Path, name: str, *, exports: bool) -> None:
    """What was reached, and what to do next."""
    from inkseek.training.loop import VALIDATION

    validations = last.parent / VALIDATION
    if validations.is_file():
        typer.echo(_compare(validations))
    typer.echo(f"trained: {last}")
    if exports:
        typer.echo(f"Next: inkseek export {last.parent} --out models/{name}")


def _compare(validations: Path) -> str:
    """The first and the last validation of a run, side by side."""
    lines = validations.read_text(encoding="utf-8").splitlines()
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    rows = [f"{'on validation':44} {'first':>7} {'last':>7}"]
    for name, value in last.items():
        before = f"{first[name]:7.3f}" if name in first and len(lines) > 1 else " " * 7
        rows.append(f"{name.removeprefix('val/'):44} {before} {value:7.3f}")
    return "\n".join(rows)
