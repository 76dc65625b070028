"""A trained SketchGloc model as a folder that can be handed on.

Layout::

    card.json            this file's `SketchGlocCard`
    weights.safetensors  the network in 16-bit floats
    codes.safetensors    codes of clean training sketches, one tensor a category

It is no encoder for searching, so its card is not `inkseek.card.ModelCard`.
"""

import json
from pathlib import Path
from typing import Any, Literal

import safetensors.numpy
import safetensors.torch
from pydantic import BaseModel, ConfigDict, ValidationError

from inkseek.card import CARD, Data, hash_bytes
from inkseek.errors import ModelError
from inkseek.models.backbones import count_parameters
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import Limits
from inkseek.systems.sketchgloc.location import SYSTEM, find_model
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.trained import TrainedModel, load_model
from inkseek.training.recipe import build, to_tree
from inkseek.training.trained import WEIGHTS

CODES = "codes.safetensors"

DATA = Data(name="quickdraw", origin="Quick, Draw!", licence="CC BY 4.0")


class SketchGlocCard(BaseModel):
    """Everything needed to use a model, and to know where it came from.

    Attributes:
        system: Always ``sketchgloc``: what tells this card from an encoder's.
        name: Of the recipe.
        parameters: Trainable parameters.
        steps: Optimiser steps behind the weights.
        categories: What it can draw.
        scale: Unit of its sequences, in the units of the training files.
        max_points: Points a node may hold.
        max_nodes: Nodes of a sketch.
        max_rows: Rows of a target.
        data: What it was trained on.
        recipe: The whole recipe.
        files: SHA-256 of each file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["sketchgloc"]
    name: str
    parameters: int
    steps: int
    categories: tuple[str, ...]
    scale: float
    max_points: int
    max_nodes: int
    max_rows: int
    data: tuple[Data, ...]
    recipe: dict[str, Any]
    files: dict[str, str]


def open_model(where: str | Path) -> TrainedModel:
    """A run folder, a model folder, or a model that ships by its name.

    Raises:
        ModelError: There is none, it is of another system, or it is damaged.
    """
    folder = find_model(where)
    return read_folder(folder) if (folder / CARD).is_file() else load_model(folder)


def write_folder(model: TrainedModel, out: Path) -> list[Path]:
    """Write the folder of a model; the files beside the card."""
    out.mkdir(parents=True, exist_ok=True)
    state = {key: value.half() for key, value in model.network.state_dict().items()}
    contents = {
        WEIGHTS: safetensors.torch.save(state),
        CODES: safetensors.numpy.save({k: v.astype("float16") for k, v in model.codes.items()}),
    }
    for name, content in contents.items():
        (out / name).write_bytes(content)
    card = SketchGlocCard(
        system=SYSTEM,
        name=model.config.name,
        parameters=count_parameters(model.network),
        steps=model.steps,
        categories=tuple(model.codes),
        scale=model.scale,
        max_points=model.limits.max_points,
        max_nodes=model.limits.max_nodes,
        max_rows=model.limits.max_rows,
        data=(DATA,),
        recipe=to_tree(model.config),
        files={name: hash_bytes(content) for name, content in contents.items()},
    )
    text = json.dumps(card.model_dump(mode="json"), indent=1)
    (out / CARD).write_text(text + "\n", encoding="utf-8")
    return [out / name for name in contents]


def read_folder(folder: Path) -> TrainedModel:
    """Read what `write_folder` wrote.

    Raises:
        ModelError: The card is not of this kind, or a file is not the one it describes.
    """
    card = _read_card(folder)
    config = build(SketchGlocConfig, card.recipe, where=f"{folder / CARD}: recipe")
    network = SketchGloc(config)
    state = safetensors.torch.load(_read_checked(folder, WEIGHTS, card))
    own = network.state_dict()
    try:
        network.load_state_dict({key: value.to(own[key].dtype) for key, value in state.items()})
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"{folder / WEIGHTS} does not fit the recipe on its card") from error
    stored = safetensors.numpy.load(_read_checked(folder, CODES, card))
    codes = {name: stored[name].astype("float32") for name in card.categories}
    limits = Limits(card.max_points, card.max_nodes, card.max_rows)
    return TrainedModel(network.eval(), config, card.scale, limits, codes, card.steps)


def _read_card(folder: Path) -> SketchGlocCard:
    path = folder / CARD
    try:
        return SketchGlocCard.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _read_checked(folder: Path, name: str, card: SketchGlocCard) -> bytes:
    path = folder / name
    content = path.read_bytes() if path.is_file() else b""
    if hash_bytes(content) != card.files.get(name):
        raise ModelError(f"{path} is not the file its card describes; export the run again")
    return content
