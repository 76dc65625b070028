"""`inkseek interpolate`: the way from one sketch to another."""

from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.sketch_model import DEFAULT, SketchModelOption, open_sketch_model


def interpolate(
    first: Annotated[Path, typer.Argument(help="Drawing where the way begins.")],
    last: Annotated[Path, typer.Argument(help="Drawing where it ends.")],
    out: Annotated[Path, typer.Option(help="PNG to write: both drawings and the way.")],
    steps: Annotated[int, typer.Option(min=2, max=50, help="Sketches drawn on the way.")] = 7,
    model: SketchModelOption = DEFAULT,
) -> None:
    """Draw sketches at equal steps between two, as one strip. Needs inkseek[train]."""
    from inkseek.report.sheet import Cell, draw_sheet
    from inkseek.strokes.readers import read_sketch

    ends = read_sketch(first), read_sketch(last)
    trained = open_sketch_model(model)
    from inkseek.systems.sketchgloc.reorganise import interpolate as blend

    way = blend(trained, *ends, steps)
    cells = [
        Cell(ends[0], "first", is_given=True),
        *(Cell(sketch, f"{i / (steps - 1):.0%}") for i, sketch in enumerate(way)),
        Cell(ends[1], "last", is_given=True),
    ]
    draw_sheet([cells], side=120).save(out, format="PNG")
    typer.echo(f"drew {steps} sketches on the way: {out}")
