"""Embed what the tasks need, then measure: a network in training, or a model folder."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float32, UInt8

from inkseek.data.pack import PackedSet
from inkseek.data.tasks import Task
from inkseek.encoder import Encoder
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.report.retrieval import Figure, evaluate_task, needed_rows
from inkseek.strokes.sketch import Sketch

Images = UInt8[np.ndarray, "batch side side 3"]
Rows = Float32[np.ndarray, "rows dim"]
Embed = Callable[[Images], Rows]
EmbedSketches = Callable[[Sequence[Sketch]], Rows]

CHUNK = 128


def onnx_embedder(encoder: Encoder) -> Embed:
    """A model folder as a function of images."""

    def embed(images: Images) -> Rows:
        return encoder.embed_images(images.transpose(0, 3, 1, 2))

    return embed


def evaluate(
    embed: Embed,
    canvas_size: int,
    photo_size: int,
    sets: Sequence[PackedSet],
    tasks: Sequence[Task],
    *,
    centred: bool = False,
    embed_sketches: EmbedSketches | None = None,
) -> list[Figure]:
    """Figures of all tasks for one encoder.

    Args:
        embed: RGB images to unit rows.
        canvas_size: Side at which sketches are drawn.
        photo_size: Side to which photos are reduced.
        sets: Packed sets, as the tasks count them.
        tasks: What to measure.
        centred: Subtract the mean embedding of sketches from sketches and of photos from photos,
            which an untrained network needs to compare the two at all.
        embed_sketches: Strokes to unit rows, for an encoder that chooses a canvas itself; then
            `canvas_size` is not looked at.
    """
    return [
        figure
        for task, queries, gallery in embed_tasks(
            embed,
            canvas_size,
            photo_size,
            sets,
            tasks,
            centred=centred,
            embed_sketches=embed_sketches,
        )
        for figure in evaluate_task(task, queries, gallery)
    ]


def evaluate_canvases(
    embed_sketch: Mapping[int, Embed],
    embed_photo: Embed,
    photo_size: int,
    sets: Sequence[PackedSet],
    tasks: Sequence[Task],
) -> dict[int, list[Figure]]:
    """Figures of all tasks for sketches drawn at several sizes; photos are embedded once.

    Args:
        embed_sketch: For each canvas size, RGB images of that side to unit rows.
        embed_photo: The same for photos.
        photo_size: Side to which photos are reduced.
        sets: Packed sets, as the tasks count them.
        tasks: What to measure.
    """
    figures: dict[int, list[Figure]] = {size: [] for size in embed_sketch}
    for s, (sketches, photos) in enumerate(needed_rows(tasks, len(sets))):
        packed = sets[s]
        gallery = _embed_all(embed_photo, photos, lambda rows: _reduce(packed, rows, photo_size))  # noqa: B023
        for size, embed in embed_sketch.items():
            queries = _embed_all(embed, sketches, lambda rows: _draw(packed, rows, size))  # noqa: B023
            for task in tasks:
                if task.set_index == s:
                    asked = queries[np.searchsorted(sketches, task.queries)]
                    held = gallery[np.searchsorted(photos, task.gallery)]
                    figures[size] += evaluate_task(task, asked, held)
    return figures


def embed_tasks(
    embed: Embed,
    canvas_size: int,
    photo_size: int,
    sets: Sequence[PackedSet],
    tasks: Sequence[Task],
    *,
    centred: bool = False,
    embed_sketches: EmbedSketches | None = None,
) -> Iterator[tuple[Task, Rows, Rows]]:
    """Each task with the embeddings of its queries and its gallery, in the task's order.

    The arguments are those of `evaluate`.
    """
    for s, (sketches, photos) in enumerate(needed_rows(tasks, len(sets))):
        packed = sets[s]
        if embed_sketches is None:
            sketch_rows = _embed_all(embed, sketches, lambda rows: _draw(packed, rows, canvas_size))  # noqa: B023
        else:
            sketch_rows = embed_sketches([packed.sketches[i] for i in sketches])
        photo_rows = _embed_all(embed, photos, lambda rows: _reduce(packed, rows, photo_size))  # noqa: B023
        if centred:
            sketch_rows, photo_rows = _centre(sketch_rows), _centre(photo_rows)
        for task in tasks:
            if task.set_index == s:
                queries = sketch_rows[np.searchsorted(sketches, task.queries)]
                yield task, queries, photo_rows[np.searchsorted(photos, task.gallery)]


def _embed_all(embed: Embed, rows: Sequence[int], load: Callable[[Sequence[int]], Images]) -> Rows:
    chunks = [embed(load(rows[i : i + CHUNK])) for i in range(0, len(rows), CHUNK)]
    return np.concatenate(chunks) if chunks else np.empty((0, 1), dtype=np.float32)


def _centre(rows: Rows) -> Rows:
    moved = rows - rows.mean(axis=0) if len(rows) else rows
    unit: Rows = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


def _draw(packed: PackedSet, rows: Sequence[int], canvas_size: int) -> Images:
    images = draw_batch([packed.sketches[i] for i in rows], canvas_size)
    return np.repeat(images[..., None], 3, axis=3)


def _reduce(packed: PackedSet, rows: Sequence[int], canvas_size: int) -> Images:
    return np.stack([fit_square(packed.photos[i], canvas_size) for i in rows])
