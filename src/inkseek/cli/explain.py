"""`inkseek explain`: which stroke met which part of a photo."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.cli.options import ModelOption
from inkseek.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

    from inkseek.explain.correspond import Correspondence
    from inkseek.explain.match import Explanation
    from inkseek.strokes.sketch import Sketch

    Found = tuple[Explanation, list[Correspondence], dict[str, float]]

LARGEST = 512
"""Longer side to which the photo is reduced: more than any network sees, enough for a picture."""


def explain(
    sketch: Annotated[Path, typer.Argument(help="Drawing: SVG, JSON, ndjson, InkML, PNG, JPEG.")],
    photo: Annotated[Path, typer.Argument(help="Photo to compare it with.")],
    out: Annotated[Path | None, typer.Option(help="Draw the explanation as this PNG.")] = None,
    synthesise: Annotated[
        Path | None,
        typer.Option(help="Draw the sketch from the photo's best matched patches as this PNG."),
    ] = None,
    model: ModelOption = "default",
    run: Annotated[
        Path | None,
        typer.Option(help="Run of ZSE that explains instead of a model. Needs inkseek[train]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how much each stroke adds to the similarity, and where in the photo it comes from."""
    from inkseek.explain.picture import draw_match, find_place
    from inkseek.explain.synthesis import draw_synthesis
    from inkseek.raster.photo import decode_photo
    from inkseek.strokes.readers import read_sketch

    drawing = read_sketch(sketch)
    pixels = decode_photo(photo, max_side=LARGEST).pixels
    found, patches, also = (
        _explain_by_run(run, drawing, pixels) if run else _explain_by_model(model, drawing, pixels)
    )
    if out:
        draw_match(drawing, pixels, found).save(out, format="PNG")
    if synthesise:
        draw_synthesis(drawing, pixels, patches).save(synthesise, format="PNG")
    places = [find_place(meeting) for meeting in found.meetings]
    adds = [float(value) for value in found.strokes]
    if as_json:
        strokes = [
            {"stroke": t, "adds": value, "place": place}
            for t, (value, place) in enumerate(zip(adds, places, strict=True))
        ]
        answer = {
            **also,
            "similarity": found.similarity,
            "photo": found.photo.tolist(),
            "strokes": strokes,
            "patches": [asdict(patch) for patch in patches],
        }
        typer.echo(json.dumps(answer))
        return
    named = "".join(f"{name} {value:.3f}; " for name, value in also.items())
    typer.echo(f"{named}similarity {found.similarity:.3f}; each stroke adds:")
    for t in sorted(range(len(adds)), key=lambda t: -adds[t]):
        across, down = places[t]
        typer.echo(
            f"  stroke {t + 1:3}  {adds[t]:+.3f}  "
            f"mostly {across:4.0%} from the left, {down:4.0%} from the top of the square photo"
        )


def _explain_by_model(model: str, drawing: "Sketch", pixels: "np.ndarray") -> "Found":
    from inkseek.encoder import Encoder
    from inkseek.explain.correspond import match_places
    from inkseek.explain.match import explain_match

    encoder = Encoder.load(model, precision="fp32")
    return explain_match(encoder, drawing, pixels), match_places(encoder, drawing, pixels), {}


def _explain_by_run(run: Path, drawing: "Sketch", pixels: "np.ndarray") -> "Found":
    from inkseek.training.recipe import require_run

    require_run(run, "zse")
    try:
        from inkseek.systems.zse.explain import explain_pair
        from inkseek.systems.zse.trained import load_run
    except ModuleNotFoundError as error:
        raise ModelError(
            f"a run needs {error.name}, which a model does not; "
            "install it with `pip install inkseek[train]`"
        ) from error
    found = explain_pair(load_run(run)[1], drawing, pixels)
    return found.match, list(found.patches), {"score": found.score}
