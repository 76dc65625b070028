"""`inkseek demo`: the sample gallery and the page to draw on, in one command."""

import os
from pathlib import Path
from typing import Annotated

import typer


def demo(
    gallery: Annotated[
        str | None, typer.Option(help="Folder for the sample gallery; the user's cache by default.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port, or the next free one.")] = 8765,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Index the sample pictures, then draw: photos appear after every stroke."""
    from inkseek.assets import find_asset
    from inkseek.cli.index import index
    from inkseek.cli.web import listen, run_server
    from inkseek.errors import GalleryMismatchError
    from inkseek.search import Searcher

    url = gallery or _demo_gallery()
    photos = [find_asset("samples") / "photos"]
    try:
        index(photos, gallery=url)
    except GalleryMismatchError:
        # An earlier version's model made it; the samples are quickly indexed again.
        index(photos, gallery=url, rebuild=True)
    run_server(Searcher.open(url), listen(port, or_next=True), open_page=open_page)


def _demo_gallery() -> str:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return str(Path(cache) / "inkseek" / "samples")
