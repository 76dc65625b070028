"""`inkseek search`: the photos that look like a sketch."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.cli.options import GalleryOption, ModelOption
from inkseek.cli.sketch_model import tidy_strokes

if TYPE_CHECKING:
    from inkseek.search import Hit

NOTHING_MATCHES = "Nothing matches this sketch well; the nearest photos are:"


class Orientation(StrEnum):
    """Shapes of a photo that a search can be limited to."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


def search(  # noqa: PLR0913 - the parameters of a command are its options
    sketch: Annotated[Path, typer.Argument(help="Drawing: SVG, JSON, ndjson, InkML, PNG, JPEG.")],
    gallery: GalleryOption = None,
    model: ModelOption = "default",
    top: Annotated[int, typer.Option("--top", "-k", min=1, help="Number of photos.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    grid: Annotated[
        Path | None, typer.Option(help="Draw the sketch and its hits as this PNG.")
    ] = None,
    folder: Annotated[str | None, typer.Option(help="Only photos below this folder.")] = None,
    not_folder: Annotated[str | None, typer.Option(help="No photos below this folder.")] = None,
    taken_after: Annotated[
        datetime | None, typer.Option(help="Only photos taken at this time or later.")
    ] = None,
    taken_before: Annotated[
        datetime | None, typer.Option(help="Only photos taken before this time.")
    ] = None,
    min_width: Annotated[int | None, typer.Option(min=1, help="Least width in pixels.")] = None,
    min_height: Annotated[int | None, typer.Option(min=1, help="Least height in pixels.")] = None,
    orientation: Annotated[Orientation | None, typer.Option(help="Shape of the photo.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Required tag; may be repeated.")] = None,
    tidy: Annotated[
        str | None,
        typer.Option(help="Put misplaced strokes right first, by this model, such as: tidy."),
    ] = None,
) -> None:
    """Print the photos most similar to a sketch, best first."""
    from inkseek.gallery.filters import Filters
    from inkseek.gallery.store import default_gallery
    from inkseek.search import Searcher
    from inkseek.strokes.readers import read_sketch

    drawing = tidy_strokes(tidy, read_sketch(sketch)) if tidy else read_sketch(sketch)
    filters = Filters(
        folder=folder,
        not_folder=not_folder,
        taken_after=taken_after,
        taken_before=taken_before,
        min_width=min_width,
        min_height=min_height,
        orientation=orientation.value if orientation else None,
        tags=tuple(tag or ()),
    )
    searcher = Searcher.open(gallery or default_gallery(), model=model)
    choice = searcher.encoder.choose([drawing])
    query = searcher.encoder.embed_drawn([drawing], int(choice.sizes[0]))[0]
    hits = searcher.search_embedding(query, k=top, filters=filters)
    nothing_matches = searcher.nothing_matches(hits)
    if grid:
        from inkseek.report.grid import draw_grid

        draw_grid(drawing, hits).save(grid, format="PNG")
    if as_json:
        found = {"hits": [dataclasses.asdict(hit) for hit in hits]}
        cost = {"canvas_size": int(choice.sizes[0]), "gflops": float(choice.gflops[0])}
        typer.echo(json.dumps({**found, "nothing_matches": nothing_matches, **cost}))
    else:
        _print_table(hits, nothing_matches=nothing_matches)


def _print_table(hits: "Sequence[Hit]", *, nothing_matches: bool) -> None:
    if not hits:
        typer.echo("No photo in the gallery passes these filters.")
        return
    if nothing_matches:
        typer.echo(NOTHING_MATCHES)
    typer.echo("  #  confidence  similarity  photo")
    for rank, hit in enumerate(hits, start=1):
        copies = f"  (+{len(hit.duplicates)} alike)" if hit.duplicates else ""
        row = f"{rank:3}  {hit.confidence:10.0%}  {hit.similarity:10.3f}"
        typer.echo(f"{row}  {_shorten(hit.path)}{copies}")


def _shorten(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
