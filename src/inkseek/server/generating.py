"""New drawings of a category, like a given one, or between two: the service's side of it."""

from collections.abc import Callable
from typing import Any, TypeVar

from inkseek.server.drawing_model import DrawingModel
from inkseek.server.problems import NotFoundError, model_may_fail
from inkseek.server.schema import GenerateRequest, InterpolateRequest, SketchesAnswer
from inkseek.server.sketches import to_answer, to_unit_canvas
from inkseek.server.turns import Turns
from inkseek.strokes.sketch import Sketch

Function = TypeVar("Function", bound=Callable[..., Any])


class Generating:
    """One request at a time.

    Args:
        model: What draws; a function that it lacks is refused.
        turns: Shared with whatever else the model is used for.
    """

    def __init__(self, model: DrawingModel | None = None, turns: Turns | None = None) -> None:
        self._model = model or DrawingModel()
        self._turns = turns or Turns()

    def categories(self) -> list[str]:
        """What can be drawn by its name alone.

        Raises:
            NotFoundError: The service has no model.
            ConflictError: Too many wait already.
            NotSupportedError: The model cannot be loaded.
        """
        _check(self._model.generate)
        with model_may_fail(), self._turns.take():
            return self._model.categories()

    def generate(self, request: GenerateRequest) -> SketchesAnswer:
        """New drawings; the same request gives the same ones.

        Raises:
            NotFoundError: The service has no model, or the model no such category.
            SketchFormatError: The given drawing is empty, too large or lies too far away.
            ConflictError: Too many wait already.
            NotSupportedError: The model cannot be loaded, or draws nothing.
        """
        generate = _check(self._model.generate)
        like: Sketch | str
        like = to_unit_canvas(request.sketch) if request.sketch else str(request.category)
        with model_may_fail(), self._turns.take():
            if isinstance(like, str) and like not in (known := self._model.categories()):
                raise NotFoundError(f"no category {like[:60]!r}; known: {', '.join(known)}")
            drawn = generate(like, request.count, request.seed, request.temperature)
        return SketchesAnswer(sketches=[to_answer(each) for each in drawn])

    def interpolate(self, request: InterpolateRequest) -> SketchesAnswer:
        """Drawings at equal steps from one to another, both ends drawn anew.

        Raises:
            NotFoundError: The service has no model.
            SketchFormatError: A drawing is empty, too large or lies too far away.
            ConflictError: Too many wait already.
            NotSupportedError: The model cannot be loaded.
        """
        interpolate = _check(self._model.interpolate)
        ends = to_unit_canvas(request.first), to_unit_canvas(request.last)
        with model_may_fail(), self._turns.take():
            drawn = interpolate(*ends, request.count)
        return SketchesAnswer(sketches=[to_answer(each) for each in drawn])


def _check(function: Function | None) -> Function:
    if function is None:
        raise NotFoundError(
            "this service has no model that draws; start it with `inkseek serve --tidy MODEL`"
        )
    return function
