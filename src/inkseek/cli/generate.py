"""`inkseek generate`: new sketches of a category, or like a given one."""

from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.sketch_model import DEFAULT, SketchModelOption, open_sketch_model

SHEET = "sheet.png"

COLUMNS = 5


def generate(
    like: Annotated[str, typer.Argument(help="A category, or a file with a drawing to vary.")],
    out: Annotated[Path, typer.Option(help="Folder for one SVG a sketch, and a sheet of all.")],
    count: Annotated[int, typer.Option("-n", min=1, help="Number of sketches.")] = 10,
    temperature: Annotated[
        float, typer.Option(min=0.0, max=2.0, help="Randomness; 0 draws what is likeliest.")
    ] = 0.24,
    seed: Annotated[int, typer.Option(help="The same seed draws the same sketches.")] = 0,
    model: SketchModelOption = DEFAULT,
) -> None:
    """Draw new sketches with a trained model. Needs inkseek[train]."""
    from inkseek.report.sheet import Cell, draw_sheet, wrap
    from inkseek.strokes.readers import read_sketch
    from inkseek.strokes.readers.inkseek_json import write_sketch

    # A path that is not there must not be taken for a category of that name.
    is_file = Path(like).is_file() or "/" in like or "." in like
    given = read_sketch(like) if is_file else like
    trained = open_sketch_model(model)
    from inkseek.systems.sketchgloc.reorganise import generate_several

    drawn = generate_several(trained, given, count, seed=seed, temperature=temperature)
    out.mkdir(parents=True, exist_ok=True)
    for i, sketch in enumerate(drawn, start=1):
        write_sketch(sketch, out / f"{i:03}.svg")
    cells = [Cell(sketch, str(i)) for i, sketch in enumerate(drawn, start=1)]
    if not isinstance(given, str):
        cells.insert(0, Cell(given, "given", is_given=True))
    draw_sheet(wrap(cells, COLUMNS)).save(out / SHEET, format="PNG")
    typer.echo(f"drew {count} sketches: {out}\nall of them: {out / SHEET}")
