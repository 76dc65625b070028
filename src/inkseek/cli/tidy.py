"""`inkseek tidy`: misplaced strokes moved to where they belong."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.sketch_model import DEFAULT, SketchModelOption, open_sketch_model


def tidy(
    sketch: Annotated[Path, typer.Argument(help="Drawing: SVG, JSON, ndjson, InkML, PNG, JPEG.")],
    out: Annotated[Path, typer.Option(help="Sketch to write: .svg or .json.")],
    model: SketchModelOption = DEFAULT,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Draw the sketch anew instead of moving its strokes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Move whole strokes to where they belong; each keeps its shape. Needs inkseek[train]."""
    from inkseek.strokes.readers import read_sketch
    from inkseek.strokes.readers.inkseek_json import write_sketch

    drawing = read_sketch(sketch)
    trained = open_sketch_model(model)
    from inkseek.systems.sketchgloc.reorganise import measure_moves, reorganise
    from inkseek.systems.sketchgloc.reorganise import tidy as put_in_place

    if redraw:
        redrawn = reorganise(trained, drawing)
        write_sketch(redrawn, out)
        report = {"out": str(out), "strokes": len(redrawn.strokes)}
        line = f"drew {len(redrawn.strokes)} strokes anew: {out}"
    else:
        tidied = put_in_place(trained, drawing)
        write_sketch(tidied, out)
        moves = measure_moves(drawing, tidied)
        report = {"out": str(out), "canvas_size": drawing.canvas_size, "moves": moves.tolist()}
        lengths = (moves**2).sum(axis=1) ** 0.5 / drawing.canvas_size
        moved = sum(bool(length >= 0.01) for length in lengths)
        line = (
            f"moved {moved} of {len(lengths)} strokes, "
            f"the farthest by {max(lengths):.0%} of the canvas: {out}"
        )
    typer.echo(json.dumps(report) if as_json else line)
