"""`inkseek export-site`: a gallery as static files that search by themselves."""

from pathlib import Path
from typing import Annotated

import typer

from inkseek.cli.options import GalleryOption, ModelOption


def export_site(
    out: Annotated[Path, typer.Option(help="New or empty folder for the site.")],
    gallery: GalleryOption = None,
    model: ModelOption = "default",
    max_photos: Annotated[
        int | None, typer.Option(min=1, help="Only so many (20,000 at most): those taken last.")
    ] = None,
) -> None:
    """Write a page that searches the gallery's photos in the browser, with no server of ours.

    The folder holds a thumbnail of each photo and its file name: put it where those who may see
    them can reach it.
    """
    from rich.console import Console
    from rich.progress import Progress

    from inkseek.encoder import Encoder
    from inkseek.gallery.store import default_gallery, open_gallery
    from inkseek.site.export import MAX_PHOTOS
    from inkseek.site.export import export_site as write_site

    encoder = Encoder.load(model, precision="fp32")
    opened = open_gallery(
        gallery or default_gallery(), model_digest=encoder.digest, dim=encoder.dim
    )
    progress = Progress(console=Console(stderr=True), transient=True)
    bar = progress.add_task("thumbnails", total=None)

    def show(done: int, total: int) -> None:
        progress.start()
        progress.update(bar, completed=done, total=total)

    try:
        site = write_site(
            opened, encoder, out, max_photos=max_photos or MAX_PHOTOS, on_progress=show
        )
    finally:
        # One that never started would leave an empty line before the error.
        if progress.live.is_started:
            progress.stop()
    megabytes = site.first_load_bytes / 1e6
    typer.echo(f"{site.num_photos:,} photos in {out}; the first visit loads {megabytes:.1f} MB")
    if site.num_left_out:
        typer.echo(f"{site.num_left_out:,} photos taken earlier are left out (--max-photos)")
    if site.num_unreadable:
        typer.echo(f"{site.num_unreadable:,} photos are left out: their files are gone or damaged")
    typer.echo(f"try it: python3 -m http.server --directory {out}")
