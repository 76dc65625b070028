"""An encoder as it is measured: a model folder, or what a finished run holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inkseek.data.pack import PackedSet
from inkseek.data.tasks import Task
from inkseek.encoder import Encoder
from inkseek.errors import ModelError
from inkseek.report.evaluation import (
    Embed,
    EmbedSketches,
    evaluate,
    evaluate_canvases,
    onnx_embedder,
)
from inkseek.report.retrieval import Figure

CHOSEN = "chosen"
"""Stands for the canvas that a selector chooses, sketch by sketch."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is measured, and on which data.

    Attributes:
        embed_sketch: For each canvas size, RGB images of that side to rows.
        embed_photo: The same for photos. 1 - sketch row . photo row must rank as its distance does.
        photo_canvas_size: Side to which photos are reduced.
        sets: Data sets it was trained on.
        photo_size: Side at which their photos are packed.
        embed_chosen: Strokes to rows where a selector chooses the canvas.
    """

    embed_sketch: Mapping[int, Embed]
    embed_photo: Embed
    photo_canvas_size: int
    sets: tuple[str, ...]
    photo_size: int
    embed_chosen: EmbedSketches | None = None


def of_model(encoder: Encoder) -> Subject:
    """A model folder.

    Raises:
        ModelError: Its recipe names no data sets.
    """
    recipe = encoder.card.recipe
    if "sets" not in recipe or "photo_size" not in recipe:
        raise ModelError(
            f"the recipe of model {encoder.card.name} names no data sets to measure it on"
        )
    embed = onnx_embedder(encoder)
    return Subject(
        dict.fromkeys(encoder.card.canvas_sizes, embed),
        embed,
        encoder.photo_size,
        tuple(recipe["sets"]),
        recipe["photo_size"],
        encoder.embed_sketches if encoder.card.selector else None,
    )


def measure(
    subject: Subject, sets: Sequence[PackedSet], tasks: Sequence[Task]
) -> dict[str, list[Figure]]:
    """Figures of all tasks, for the chosen canvas if there is a selector and for each fixed one."""
    figures: dict[str, list[Figure]] = {}
    if subject.embed_chosen is not None:
        figures[CHOSEN] = evaluate(
            subject.embed_photo,
            max(subject.embed_sketch),
            subject.photo_canvas_size,
            sets,
            tasks,
            embed_sketches=subject.embed_chosen,
        )
    fixed = evaluate_canvases(
        subject.embed_sketch, subject.embed_photo, subject.photo_canvas_size, sets, tasks
    )
    return figures | {str(size): fixed[size] for size in sorted(fixed)}
