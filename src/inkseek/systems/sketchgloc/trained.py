"""A finished run as one object: network, unit, sizes, and codes of the sketches it learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from inkseek.data.sequences import SequenceSet, Strokes
from inkseek.errors import ModelError
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import Limits, collate
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.training.recipe import RECIPE, read_recipe

CODES = "codes.npz"

MAX_CODES = 1000
"""Codes a category that are kept."""

CHUNK = 100

Codes = Float32[np.ndarray, "sketches code"]


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """What generation and reorganisation need.

    Attributes:
        network: In evaluation mode.
        config: The recipe it was trained by.
        scale: Unit of its sequences, in the units of the training files.
        limits: Sizes of nodes and graphs.
        codes: Of clean training sketches, by category; empty if the run is not finished.
        steps: Optimiser steps behind the weights.
    """

    network: SketchGloc
    config: SketchGlocConfig
    scale: float
    limits: Limits
    codes: dict[str, Codes] = field(default_factory=dict)
    steps: int = 0


def load_model(run: Path, checkpoint: str = "best.ckpt") -> TrainedModel:
    """Open a run folder.

    Raises:
        ModelError: It has no such checkpoint, or the checkpoint is of another recipe.
    """
    path = run / checkpoint
    if not path.is_file():
        raise ModelError(f"run {run} has no {checkpoint}; train it first with `inkseek train`")
    config = read_recipe(run / RECIPE, SketchGlocConfig)
    stored = torch.load(path, map_location="cpu", weights_only=True)
    network = SketchGloc(config)
    weights = {k.removeprefix("network."): v for k, v in stored["state_dict"].items()}
    try:
        network.load_state_dict(weights)
        limits = Limits(**stored["limits"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"{path} does not fit the recipe beside it; train again") from error
    codes: dict[str, Codes] = {}
    if (run / CODES).is_file():
        with np.load(run / CODES, allow_pickle=False) as file:
            codes = {name: file[name] for name in file.files}
    steps = int(stored.get("global_step", 0))
    return TrainedModel(network.eval(), config, float(stored["scale"]), limits, codes, steps)


def encode_strokes(model: TrainedModel, sketches: Sequence[Strokes]) -> Codes:
    """Mean codes of normalised sketches."""
    rows = [np.zeros((0, model.config.z_size), dtype=np.float32)]
    with torch.no_grad():
        for begin in range(0, len(sketches), CHUNK):
            chunk = sketches[begin : begin + CHUNK]
            # Only what is read counts; the targets stand in for themselves.
            batch = collate(chunk, [[s[0][:1]] for s in chunk], model.limits)
            rows.append(model.network.encode(batch).mean.numpy())
    return np.concatenate(rows)


def encode_training_sketches(model: TrainedModel, sequences: SequenceSet) -> dict[str, Codes]:
    """Codes of the first `MAX_CODES` clean training sketches of each category, by its name."""
    train = sequences.rows("train")
    codes = {}
    for number, name in enumerate(sequences.names):
        rows = train[sequences.category[train] == number][:MAX_CODES]
        codes[name] = encode_strokes(model, [sequences.strokes(int(i)) for i in rows])
    return codes


def store_codes(model: TrainedModel, sequences: SequenceSet, run: Path) -> None:
    """Write the codes of training sketches into the run."""
    codes = encode_training_sketches(model, sequences)
    np.savez(run / CODES, allow_pickle=False, **codes)
