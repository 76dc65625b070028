"""A finished recogniser: sketches to scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from inkseek.errors import ModelError
from inkseek.models.sketchanet import SketchANet
from inkseek.raster.draw import draw_batch
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.systems.recogniser.module import create_network
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import read_averaged

CHUNK = 100


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A network with what is needed to use it.

    Attributes:
        network: Used in evaluation mode.
        names: The categories, in the order of the scores.
        canvas_size: Side in pixels at which it sees sketches.
    """

    network: SketchANet
    names: tuple[str, ...]
    canvas_size: int


def load_recogniser(run: Path) -> Recogniser:
    """The averaged network of a run.

    Raises:
        ModelError: The run has no checkpoint, or the checkpoint is of another recipe.
    """
    state = read_averaged(run)
    config = read_recipe(run / RECIPE, RecogniserConfig)
    network = create_network(config)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{run} does not fit the recipe in it; train again") from error
    return Recogniser(network.eval(), config.categories, config.canvas_size)


def score(
    recogniser: Recogniser, sketches: Sequence[Sketch]
) -> Float32[np.ndarray, "sketches categories"]:
    """Scores before the softmax; larger is likelier.

    A sketch is fitted to the canvas, so its place and size do not matter; one without strokes is an
    empty canvas.
    """
    network = recogniser.network
    was_training = network.training
    network.eval()
    rows = [np.zeros((0, len(recogniser.names)), dtype=np.float32)]
    with torch.no_grad():
        device = next(network.parameters()).device
        for begin in range(0, len(sketches), CHUNK):
            images = draw_batch(sketches[begin : begin + CHUNK], recogniser.canvas_size)
            with torch.autocast(device.type, enabled=False):
                rows.append(network(torch.from_numpy(images).to(device)).cpu().numpy())
    network.train(was_training)
    return np.concatenate(rows)
