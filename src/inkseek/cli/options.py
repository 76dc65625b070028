"""Options that several commands share, so that they read and behave the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

GalleryOption = Annotated[
    str | None,
    typer.Option(envvar="INKSEEK_GALLERY", help="Gallery folder; the user's own by default."),
]
ModelOption = Annotated[str, typer.Option(help="Model folder, or the name of a shipped one.")]
CacheOption = Annotated[Path, typer.Option(help="Folder of decoded data sets.")]
