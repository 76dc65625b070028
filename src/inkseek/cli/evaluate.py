"""`inkseek evaluate`: how well an encoder finds photos, on fixed splits, with intervals."""

import dataclasses
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.cli.options import CacheOption

if TYPE_CHECKING:
    from inkseek.report.retrieval import Figure
    from inkseek.report.subject import Subject


class EvaluationSplit(StrEnum):
    """Splits that can be measured; test is for the end."""

    VAL = "val"
    TEST = "test"


class NetworkPrecision(StrEnum):
    """Networks of a model folder."""

    INT8 = "int8"
    FP32 = "fp32"


def evaluate(
    target: Annotated[
        str,
        typer.Argument(
            metavar="RUN_OR_MODEL", help="Folder of a run or a model, or a shipped model's name."
        ),
    ] = "default",
    precision: Annotated[
        NetworkPrecision, typer.Option(help="Which network of a model folder.")
    ] = NetworkPrecision.INT8,
    split: Annotated[EvaluationSplit, typer.Option(help="Which split asks.")] = (
        EvaluationSplit.VAL
    ),
    cache: CacheOption = Path("cache"),
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Measure acc@1 and acc@10, or P@1 and mAP@all, on the data sets the encoder was trained on.

    One that knows several canvases is measured on each; one with a selector also on those chosen.
    """
    from inkseek.cli.progress import packing_progress
    from inkseek.data.sets import held_back, load_sets
    from inkseek.data.tasks import make_tasks
    from inkseek.report.subject import measure

    subject = _find_subject(target, precision)
    with packing_progress() as on_progress:
        sets = load_sets(
            subject.sets, cache, photo_size=subject.photo_size, on_progress=on_progress
        )
    tasks = make_tasks([s.pairs for s in sets], split.value, held_back(subject.sets))
    figures = measure(subject, sets, tasks)
    if as_json:
        rows = [
            {"canvas": canvas, **dataclasses.asdict(figure)}
            for canvas, measured in figures.items()
            for figure in measured
        ]
        typer.echo(json.dumps(rows, indent=1))
    else:
        typer.echo(_describe(figures))


def _find_subject(target: str, precision: NetworkPrecision) -> "Subject":
    from inkseek.encoder import Encoder
    from inkseek.report.subject import of_model
    from inkseek.training.recipe import RECIPE

    if (Path(target) / RECIPE).is_file():
        # Only here is torch needed: a model folder is measured without it.
        from inkseek.systems.subjects import load_subject

        return load_subject(Path(target))
    return of_model(Encoder.load(target, precision=precision.value, num_threads=0))


def _describe(figures: "dict[str, list[Figure]]") -> str:
    lines = []
    for canvas, measured in figures.items():
        if len(figures) > 1:
            lines.append(f"canvas {canvas}")
        for f in measured:
            where = f"{f.num_queries} queries, {f.num_gallery:.0f} photos"
            chance = f"chance {f.chance:.3f}"
            lines.append(f"{f.task:22} {f.metric:8} {f.interval}  {chance}  ({where})")
    return "\n".join(lines)
