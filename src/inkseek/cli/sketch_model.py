"""What `tidy`, `generate`, `interpolate` and `serve` share: the model that draws."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from inkseek.errors import ModelError

if TYPE_CHECKING:
    from inkseek.server.drawing_model import DrawingModel
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


def tidy_strokes(where: str, sketch: "Sketch") -> "Sketch":
    """A sketch with its strokes put right by a model.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    trained = _find_late(where)()
    from inkseek.systems.sketchgloc.reorganise import tidy

    return tidy(trained, sketch)


def find_drawing_model(where: str) -> "DrawingModel":
    """What a service draws with; the first call loads the model and the library it runs on.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    from inkseek.server.drawing_model import DrawingModel

    open_once = _find_late(where)

    def tidy(sketch: "Sketch") -> "Sketch":
        trained = open_once()
        from inkseek.systems.sketchgloc import reorganise

        return reorganise.tidy(trained, sketch)

    def suggest(sketch: "Sketch", num_sketches: int, seed: int) -> "list[Sketch]":
        trained = open_once()
        from inkseek.systems.sketchgloc import suggest as system

        return system.suggest(trained, sketch, num_sketches, seed=seed)

    def generate(
        like: "Sketch | str", num_sketches: int, seed: int, temperature: float
    ) -> "list[Sketch]":
        trained = open_once()
        from inkseek.systems.sketchgloc.reorganise import generate_several

        return generate_several(trained, like, num_sketches, seed=seed, temperature=temperature)

    def interpolate(first: "Sketch", last: "Sketch", num_sketches: int) -> "list[Sketch]":
        trained = open_once()
        from inkseek.systems.sketchgloc import reorganise

        return reorganise.interpolate(trained, first, last, num_sketches)

    return DrawingModel(
        tidy=tidy,
        suggest=suggest,
        generate=generate,
        interpolate=interpolate,
        categories=lambda: [name for name, codes in open_once().codes.items() if len(codes)],
    )


def _find_late(where: str) -> "Callable[[], TrainedModel]":
    """A model that is looked for at once, but loaded when it is asked for, once.

    Raises:
        ModelError: There is no such model, or the libraries it runs on are missing.
    """
    if find_spec(LIBRARY) is None:
        raise _missing(LIBRARY)
    from inkseek.systems.sketchgloc.location import find_model

    folder = str(find_model(where))
    return cache(lambda: open_sketch_model(folder))


def _missing(name: str | None) -> ModelError:
    return ModelError(
        f"drawing needs {name}, which a search does not; "
        "install it with `pip install inkseek[train]`"
    )
