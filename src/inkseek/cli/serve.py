"""`inkseek serve`: the page to draw on, for a gallery."""

from typing import Annotated

import typer

from inkseek.cli.options import GalleryOption, ModelOption
from inkseek.cli.web import HOST


def serve(  # noqa: PLR0913 - the parameters of a command are its options
    gallery: GalleryOption = None,
    model: ModelOption = "default",
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this computer's need a token.")
    ] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(envvar="INKSEEK_TOKEN", help="Token to ask for; made where one is needed."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Name under which the service may be addressed; may be repeated."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Index what changes in the indexed folders.")
    ] = False,
    tidy: Annotated[
        str | None,
        typer.Option(
            help="Run or model folder of SketchGloc, or the name of a shipped one: the page tidies "
            "drawings and suggests others. Needs inkseek[train]."
        ),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Serve the drawing page until Ctrl+C, on this computer unless told otherwise."""
    from inkseek.cli.sketch_model import find_drawing_model
    from inkseek.cli.web import choose_access, listen, run_server
    from inkseek.encoder import Encoder
    from inkseek.gallery.store import default_gallery, open_gallery
    from inkseek.search import Searcher
    from inkseek.server.searchable import needs_rebuild

    access = choose_access(host, token, tuple(allow_host or ()))
    drawing_model = find_drawing_model(tidy) if tidy else None
    searcher = Searcher(open_gallery(gallery or default_gallery()), Encoder.load(model))
    if needs_rebuild(searcher):
        typer.echo(
            "These photos cannot be searched before they are embedded anew, by Rebuild in the "
            "library of the page or `inkseek index --rebuild`.",
            err=True,
        )
    listener = listen(port, or_next=False, host=host)
    run_server(
        searcher, listener, access, watch=watch, drawing_model=drawing_model, open_page=open_page
    )
