"""`inkseek export`: a finished run to a model folder that searches."""

from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import CacheOption


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run, such as runs/siamese.")],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    cache: CacheOption = Path("cache"),
) -> None:
    """Write float32 and INT8 networks, calibrated on validation data, with their card."""
    from inkseek.cli.progress import packing_progress
    from inkseek.data.sets import load_sets
    from inkseek.systems.siamese.export import export_run, load_run

    config, _ = load_run(run)
    with packing_progress() as on_progress:
        sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    card = export_run(run, out, sets)
    for name in card.files:
        typer.echo(f"{(out / name).stat().st_size / 1e6:6.1f} MB  {out / name}")
