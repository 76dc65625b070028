"""What `tidy`, `generate` and `interpolate` share: the model they draw with."""

from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.errors import ModelError

if TYPE_CHECKING:
    from inkseek.systems.sketchgloc.trained import TrainedModel

SketchModelOption = Annotated[
    str, typer.Option(help="Run or model folder of SketchGloc, or the name of a shipped one.")
]

DEFAULT = "tidy"


def open_sketch_model(where: str) -> "TrainedModel":
    """Open a model, or say what is not installed.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    try:
        from inkseek.systems.sketchgloc.folder import open_model
    except ModuleNotFoundError as error:
        raise ModelError(
            f"drawing needs {error.name}, which a search does not; "
            "install it with `pip install inkseek[train]`"
        ) from error
    return open_model(where)
