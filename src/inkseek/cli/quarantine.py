"""`inkseek quarantine`: the files that could not be indexed, and why."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import GalleryOption


def quarantine(
    gallery: GalleryOption = None,
    model: Annotated[str, typer.Option(help="Model of the gallery, for --retry.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try to index these files again, then list.")
    ] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget these files; the next index tries them.")
    ] = False,
) -> None:
    """List the files that could not be indexed, and why."""
    from inkseek.gallery.store import default_gallery, gallery_folder, open_gallery
    from inkseek.indexing.quarantine import Quarantine

    opened = open_gallery(gallery or default_gallery())
    store = Quarantine(gallery_folder(opened.url))
    if retry:
        from inkseek.encoder import Encoder
        from inkseek.indexing import index_folders

        encoder = Encoder.load(model)
        paths = [Path(path) for path in store.read() if Path(path).is_file()]
        store.replace([])
        if paths:
            index_folders(paths, opened, encoder)
    elif clear:
        store.replace([])
    entries = sorted(store.read().values(), key=lambda entry: entry.path)
    if as_json:
        typer.echo(json.dumps({"files": [dataclasses.asdict(entry) for entry in entries]}))
    elif not entries:
        typer.echo("No file is in quarantine.")
    else:
        for entry in entries:
            # A path that is no UTF-8 cannot be printed as it is.
            path = entry.path.encode(errors="backslashreplace").decode()
            typer.echo(f"{path}\n    {entry.reason}")
