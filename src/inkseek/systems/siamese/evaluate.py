"""Embed what the tasks need and measure: the network in training, or an exported model."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from inkseek.data.pack import PackedSet
from inkseek.data.tasks import Task
from inkseek.models.backbones import EmbeddingNet, scale_pixels
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.report.retrieval import Figure, evaluate_task, needed_rows

Images = UInt8[np.ndarray, "batch side side 3"]
Embed = Callable[[Images], Float32[np.ndarray, "batch dim"]]

CHUNK = 128


def evaluate(
    embed: Embed, canvas_size: int, sets: Sequence[PackedSet], tasks: Sequence[Task]
) -> list[Figure]:
    """Figures of all tasks for one encoder.

    Args:
        embed: RGB images to unit rows.
        canvas_size: Side at which sketches are drawn and photos reduced.
        sets: Packed sets, as the tasks count them.
        tasks: What to measure.
    """
    figures: list[Figure] = []
    for s, (sketches, photos) in enumerate(needed_rows(tasks, len(sets))):
        packed = sets[s]
        sketch_rows = {
            index: row
            for begin in range(0, len(sketches), CHUNK)
            for index, row in zip(
                sketches[begin : begin + CHUNK],
                embed(_draw(packed, sketches[begin : begin + CHUNK], canvas_size)),
                strict=True,
            )
        }
        photo_rows = {
            index: row
            for begin in range(0, len(photos), CHUNK)
            for index, row in zip(
                photos[begin : begin + CHUNK],
                embed(_reduce(packed, photos[begin : begin + CHUNK], canvas_size)),
                strict=True,
            )
        }
        for task in tasks:
            if task.set_index == s:
                queries = np.stack([sketch_rows[i] for i in task.queries])
                gallery = np.stack([photo_rows[i] for i in task.gallery])
                figures += evaluate_task(task, queries, gallery)
    return figures


def torch_embedder(network: EmbeddingNet) -> Embed:
    """The network as a function of uint8 images, in evaluation mode and full precision."""

    def embed(images: Images) -> Float32[np.ndarray, "batch dim"]:
        was_training = network.training
        network.eval()
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Float32[np.ndarray, "batch dim"] = network(pixels).float().numpy()
        network.train(was_training)
        return rows

    return embed


def _draw(packed: PackedSet, rows: Sequence[int], canvas_size: int) -> Images:
    images = draw_batch([packed.sketches[i] for i in rows], canvas_size)
    return np.repeat(images[..., None], 3, axis=3)


def _reduce(packed: PackedSet, rows: Sequence[int], canvas_size: int) -> Images:
    return np.stack([fit_square(packed.photos[i], canvas_size) for i in rows])
