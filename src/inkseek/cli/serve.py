"""`inkseek serve`: the page to draw on, for a gallery."""

from typing import Annotated

import typer

from inkseek.cli.options import GalleryOption, ModelOption


def serve(
    gallery: GalleryOption = None,
    model: ModelOption = "default",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Serve the drawing page on this computer until Ctrl+C."""
    from inkseek.cli.web import listen, run_server
    from inkseek.gallery.store import default_gallery
    from inkseek.search import Searcher

    searcher = Searcher.open(gallery or default_gallery(), model=model)
    run_server(searcher, listen(port, or_next=False), open_page=open_page)
