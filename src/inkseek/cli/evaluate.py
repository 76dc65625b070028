"""`inkseek evaluate`: how well a model finds photos, on fixed splits, with intervals."""

import dataclasses
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import CacheOption, ModelOption


class EvaluationSplit(StrEnum):
    """Splits that can be measured; test is for the end."""

    VAL = "val"
    TEST = "test"


class NetworkPrecision(StrEnum):
    """Networks of a model folder."""

    INT8 = "int8"
    FP32 = "fp32"


def evaluate(
    model: ModelOption = "default",
    precision: Annotated[NetworkPrecision, typer.Option(help="Which of its networks.")] = (
        NetworkPrecision.INT8
    ),
    split: Annotated[EvaluationSplit, typer.Option(help="Which split asks.")] = (
        EvaluationSplit.VAL
    ),
    cache: CacheOption = Path("cache"),
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Measure acc@1 and acc@10, or P@1 and mAP@all, on the data sets the model names."""
    from inkseek.cli.progress import packing_progress
    from inkseek.data.sets import held_back, load_sets
    from inkseek.data.tasks import make_tasks
    from inkseek.encoder import Encoder
    from inkseek.report.evaluation import evaluate as measure

    encoder = Encoder.load(model, precision=precision.value, num_threads=0)
    recipe = encoder.card.recipe
    with packing_progress() as on_progress:
        sets = load_sets(
            recipe["sets"], cache, photo_size=recipe["photo_size"], on_progress=on_progress
        )
    tasks = make_tasks([s.pairs for s in sets], split.value, held_back(recipe["sets"]))
    figures = measure(
        lambda images: encoder.embed_images(images.transpose(0, 3, 1, 2)),
        encoder.canvas_size,
        encoder.photo_size,
        sets,
        tasks,
    )
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(figure) for figure in figures], indent=1))
        return
    for f in figures:
        where = f"{f.num_queries} queries, {f.num_gallery:.0f} photos"
        typer.echo(f"{f.task:22} {f.metric:8} {f.interval}  chance {f.chance:.3f}  ({where})")
