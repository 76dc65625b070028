"""`inkseek index`: bring a gallery up to date with folders of photos."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.cli.options import GalleryOption, ModelOption
from inkseek.errors import GalleryError, PhotoError

if TYPE_CHECKING:
    from inkseek.encoder import Encoder
    from inkseek.gallery import Gallery
    from inkseek.indexing import IndexProgress, IndexSummary


def index(  # noqa: PLR0913 - the parameters of a command are its options
    photos: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders or photos; without any, the folders indexed before."),
    ] = None,
    gallery: GalleryOption = None,
    model: ModelOption = "default",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Decoding processes; one a processor by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Embed every known photo anew, to change the model.")
    ] = False,
    follow_symlinks: Annotated[
        bool, typer.Option("--follow-symlinks", help="Enter linked folders, read linked files.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let a folder lose all its photos.")
    ] = False,
) -> None:
    """Add, update and remove photos until the gallery agrees with the disk."""
    from inkseek.encoder import Encoder
    from inkseek.gallery.store import default_gallery, gallery_folder
    from inkseek.gallery.unfinished import is_unfinished
    from inkseek.indexing import ScanOptions, index_folders, rebuild_gallery
    from inkseek.indexing.folders import read_folders

    url = gallery or default_gallery()
    folder = gallery_folder(url)
    # What a rebuild left undone is done first, whatever is asked for.
    anew = folder.is_dir() and (rebuild or is_unfinished(folder))
    paths = photos or read_folders(folder)
    if not paths and not anew:
        raise PhotoError(f"nothing was indexed into {url} yet; name a folder of photos")
    _check_present(paths)
    encoder = Encoder.load(model, num_threads=max(1, (os.cpu_count() or 1) // 4))
    opened = _open(url, encoder, rebuild=rebuild)
    with _progress() as on_progress:
        options = ScanOptions(follow_symlinks=follow_symlinks, allow_empty=allow_empty)
        summary = (rebuild_gallery if anew else index_folders)(
            paths,
            opened,
            encoder,
            workers=workers,
            options=options,
            on_progress=on_progress,
        )
    if as_json:
        result = dataclasses.asdict(summary) | {"gallery": opened.url, "photos": opened.count()}
        typer.echo(json.dumps(result))
    else:
        _print_summary(summary, opened)


def _check_present(paths: list[Path]) -> None:
    for path in paths:
        if not path.expanduser().exists():
            raise PhotoError(f"{path} does not exist; mount its disk, or correct the path")


def _open(url: str, encoder: "Encoder", *, rebuild: bool) -> "Gallery":
    from inkseek.gallery.store import open_gallery, recreate_gallery

    if not rebuild:
        return open_gallery(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    try:
        return open_gallery(url)
    except GalleryError:
        return recreate_gallery(url, model_digest=encoder.digest, dim=encoder.dim)


@contextmanager
def _progress() -> Iterator[Callable[["IndexProgress"], None]]:
    """A bar with the time left, on standard error, and nothing when that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("indexing", total=None)
        yield lambda state: progress.update(task, completed=state.done, total=state.total)


def _print_summary(summary: "IndexSummary", gallery: "Gallery") -> None:
    counts = dataclasses.asdict(summary)
    seconds = counts.pop("seconds")
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    typer.echo(
        f"{gallery.count()} photos in {gallery.url}: {told or 'no photos'} ({seconds:.1f} s)"
    )
    if summary.quarantined:
        typer.echo(f"`inkseek quarantine --gallery {gallery.url}` says why files were put aside.")
