"""What `tidy`, `generate`, `interpolate` and `serve` share: the model that draws."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.errors import ModelError

if TYPE_CHECKING:
    from inkseek.strokes.sketch import Sketch
    from inkseek.systems.sketchgloc.trained import TrainedModel

SketchModelOption = Annotated[
    str, typer.Option(help="Run or model folder of SketchGloc, or the name of a shipped one.")
]

DEFAULT = "tidy"

LIBRARY = "torch"


def open_sketch_model(where: str) -> "TrainedModel":
    """Open a model, or say what is not installed.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    try:
        from inkseek.systems.sketchgloc.folder import open_model
    except ModuleNotFoundError as error:
        raise _missing(error.name) from error
    return open_model(where)


def open_when_used(where: str) -> "Callable[[Sketch], Sketch]":
    """What tidies a sketch; the model and the library it runs on are loaded by the first call.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    if find_spec(LIBRARY) is None:
        raise _missing(LIBRARY)
    from inkseek.systems.sketchgloc.location import find_model

    folder = str(find_model(where))
    open_once = cache(lambda: open_sketch_model(folder))

    def tidy_strokes(sketch: "Sketch") -> "Sketch":
        trained = open_once()
        from inkseek.systems.sketchgloc.reorganise import tidy

        return tidy(trained, sketch)

    return tidy_strokes


def _missing(name: str | None) -> ModelError:
    return ModelError(
        f"drawing needs {name}, which a search does not; "
        "install it with `pip install inkseek[train]`"
    )
