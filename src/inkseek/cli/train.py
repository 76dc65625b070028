"""`inkseek train`: a recipe to trained weights."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[Path, typer.Argument(help="YAML file, such as recipes/siamese.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Change one value: key=value; repeatable.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of runs; this one goes in RUNS/NAME.")] = Path(
        "runs"
    ),
    cache: Annotated[Path, typer.Option(help="Folder of decoded data sets.")] = Path("cache"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint of the run.")
    ] = False,
) -> None:
    """Train the encoder of a recipe; data sets lie in $INKSEEK_DATA."""
    from inkseek.cli.progress import packing_progress
    from inkseek.systems.siamese.config import SiameseConfig
    from inkseek.systems.siamese.train import train as train_siamese
    from inkseek.training.recipe import read_recipe

    config = read_recipe(recipe, SiameseConfig, overrides or ())
    with packing_progress() as on_progress:
        last = train_siamese(
            config, runs / config.name, cache=cache, resume=resume, on_progress=on_progress
        )
    typer.echo(f"trained: {last}\nNext: inkseek export {last.parent} --out models/{config.name}")
