"""`inkseek export`: a finished run to a model folder that can be used without it."""

from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import CacheOption


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run, such as runs/siamese.")],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    cache: CacheOption = Path("cache"),
) -> None:
    """Write the model folder of a run: networks, and a card that says what they are."""
    from inkseek.cli.progress import packing_progress
    from inkseek.errors import ModelError
    from inkseek.systems.registry import find_system
    from inkseek.training.recipe import RECIPE, read_system

    if not (run / RECIPE).is_file():
        raise ModelError(f"{run} is not a run: it has no {RECIPE}; train one with `inkseek train`")
    name = read_system(run / RECIPE)
    system = find_system(name)
    if system.export is None:
        raise ModelError(
            f"{run} is a run of {name}, which has no model folder; use the run itself, "
            f"as docs/systems/{name}.md says"
        )
    with packing_progress() as on_progress:
        files = system.export(run, out, cache=cache, on_progress=on_progress)
    for file in files:
        typer.echo(f"{file.stat().st_size / 1e6:6.1f} MB  {file}")
