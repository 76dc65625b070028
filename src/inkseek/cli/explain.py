"""`inkseek explain`: which stroke met which part of a photo."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import ModelOption


def explain(
    sketch: Annotated[Path, typer.Argument(help="Drawing: SVG, JSON, ndjson, InkML, PNG, JPEG.")],
    photo: Annotated[Path, typer.Argument(help="Photo to compare it with.")],
    out: Annotated[Path | None, typer.Option(help="Draw the explanation as this PNG.")] = None,
    model: ModelOption = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how much each stroke adds to the similarity, and where in the photo it comes from."""
    from inkseek.encoder import Encoder
    from inkseek.explain.match import explain_match
    from inkseek.explain.picture import draw_match, find_place
    from inkseek.raster.photo import decode_photo
    from inkseek.strokes.readers import read_sketch

    drawing = read_sketch(sketch)
    pixels = decode_photo(photo, max_side=512).pixels
    found = explain_match(Encoder.load(model, precision="fp32"), drawing, pixels)
    if out:
        draw_match(drawing, pixels, found).save(out, format="PNG")
    places = [find_place(meeting) for meeting in found.meetings]
    adds = [float(value) for value in found.strokes]
    if as_json:
        strokes = [
            {"stroke": t, "adds": value, "place": place}
            for t, (value, place) in enumerate(zip(adds, places, strict=True))
        ]
        photo_parts = found.photo.tolist()
        typer.echo(
            json.dumps({"similarity": found.similarity, "photo": photo_parts, "strokes": strokes})
        )
        return
    typer.echo(f"similarity {found.similarity:.3f}; each stroke adds:")
    for t in sorted(range(len(adds)), key=lambda t: -adds[t]):
        across, down = places[t]
        typer.echo(
            f"  stroke {t + 1:3}  {adds[t]:+.3f}  "
            f"mostly {across:4.0%} from the left, {down:4.0%} from the top of the square photo"
        )
