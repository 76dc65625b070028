"""`inkseek bench`: speed and memory on this machine, beside the design's targets and its limits."""

import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.cli.options import ModelOption

if TYPE_CHECKING:
    from inkseek.report.speed import Speed

SKETCH = """<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
<path d="M10 70 C30 20 60 20 90 60 L90 80 L10 80 Z" fill="none" stroke="black"/></svg>"""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def bench(
    model: ModelOption = "default",
    photos: Annotated[int, typer.Option(min=1, help="Rows of the gallery that is searched.")] = (
        100_000
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure search and indexing on one core, beside what this machine allows at best."""
    _stay_on_one_core()
    speeds = []
    with tempfile.TemporaryDirectory(prefix="inkseek-bench-") as folder:
        for speed in _measure(model, photos, Path(folder)):
            speeds.append(speed)
            if not as_json:
                typer.echo(f"measured {speed.name}", err=True)
    if as_json:
        typer.echo(json.dumps(_describe(speeds), indent=2))
    else:
        _print_table(speeds)


def _stay_on_one_core() -> None:
    """Before numpy loads: its BLAS reads these variables once."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measure(model: str, num_photos: int, folder: Path) -> "Iterator[Speed]":
    from inkseek.assets import find_asset
    from inkseek.encoder import Encoder
    from inkseek.report import speed

    encoder = Encoder.load(model)
    sketch = folder / "sketch.svg"
    sketch.write_text(SKETCH, encoding="utf-8")
    large, small = str(folder / "large"), str(folder / "small")

    yield speed.time_embedding(encoder)
    yield speed.time_raster()
    yield speed.time_indexing(small, find_asset("samples"), encoder)
    yield speed.time_cold_search(small, model, sketch, "samples")
    speed.fill_gallery(large, encoder, num_photos)
    yield from speed.time_queries(large, encoder, num_photos)
    yield speed.time_cold_search(large, model, sketch, f"{num_photos:,} photos")
    yield speed.measure_memory(large, encoder, model, sketch, num_photos)


def _describe(speeds: "Sequence[Speed]") -> dict[str, object]:
    from inkseek import __version__

    figures = [
        {
            "name": speed.name,
            "value": round(speed.value, 4),
            "unit": speed.unit,
            "target": speed.target,
            "meets_target": speed.meets_target,
            "limit": round(speed.limit, 4),
            "limit_name": speed.limit_name,
            "ratio": round(speed.ratio, 3),
        }
        for speed in speeds
    ]
    return {"version": __version__, "machine": _name_processor(), "cores": 1, "figures": figures}


def _name_processor() -> str:
    table = Path("/proc/cpuinfo")
    lines = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, Python {platform.python_version()}"


def _print_table(speeds: "Sequence[Speed]") -> None:
    typer.echo(f"One core of {_name_processor()}")
    typer.echo(f"{'':32}{'measured':>12}{'target':>12}{'at the limit':>16}{'ratio':>9}  limit")
    for speed in speeds:
        target = "" if speed.target is None else _show(speed.target, speed.unit)
        measured, limit = _show(speed.value, speed.unit), _show(speed.limit, speed.unit)
        row = f"{speed.name:32}{measured:>12}{target:>12}{limit:>16}{speed.ratio:>9.2f}"
        typer.echo(f"{row}  {speed.limit_name}{'' if speed.meets_target else '  MISSED'}")


def _show(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
