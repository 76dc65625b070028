"""What a model folder says of itself: ``card.json``, beside the networks it describes.

Layout of a model folder::

    card.json            this file's `ModelCard`
    student.onnx         uint8 images (batch, 3, side, side) to unit float32 rows (batch, dim), and
                         to their parts by place (batch, rows, columns, dim), which add up to them
    student.int8.onnx    the same network in 8-bit integers, without the parts
    weights.safetensors  the same weights for training
    selector.onnx        if the card has a selector: the points of a sketch (batch, length, 5) to
                         the share of each canvas (batch, canvases)

`side` is one of the canvas sizes or the photo size. Digests are checked when a file is opened.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from inkseek.errors import ModelError

CARD = "card.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Calibration(_Strict):
    """Turns similarities into probabilities; fitted on validation sketches.

    Attributes:
        temperature: Of the softmax over the nearest photos.
        null_similarity: Similarity of the answer "none of these photos".
        slope: Factor on the log odds of a share.
        bias: Added to the log odds.
        nothing_below: Total confidence of the photos shown below which nothing matches well.
    """

    temperature: float
    null_similarity: float
    slope: float = 1.0
    bias: float = 0.0
    nothing_below: float


class SelectorCard(_Strict):
    """The network that chooses a canvas from the strokes of a sketch.

    Attributes:
        canvas_sizes: Sides in pixels, in the order of its outputs.
        max_points: Points to which a sketch is simplified before it is read.
        margin: Share of the unit canvas left empty around a sketch that is read.
        gflops_per_point: 2 x multiply-adds that it spends on one point, in 10^9.
        shares: Of validation sketches that chose each canvas.
    """

    canvas_sizes: tuple[int, ...]
    max_points: int
    margin: float
    gflops_per_point: float
    shares: tuple[float, ...]


class Measurement(_Strict):
    """A figure of this model on a test split, with its 95 % interval."""

    task: str
    metric: str
    precision: str
    value: float
    low: float
    high: float
    queries: int
    gallery: float


class Data(_Strict):
    """A data set the model was trained on."""

    name: str
    origin: str
    licence: str


class ModelCard(_Strict):
    """Everything needed to use a model, and to know where it came from.

    Attributes:
        name: Of the recipe.
        dim: Width of the embedding.
        canvas_sizes: Sides in pixels at which sketches may be drawn, the usual one first.
        photo_size: Side in pixels to which photos are fitted.
        pen_width: Share of the canvas side.
        margin: Share of the canvas side left empty.
        parameters: Trainable parameters.
        gflops: For each canvas and the photo size, 2 x multiply-adds of convolutions and linear
            layers, in 10^9.
        gflops_paper: The same in the SketchyNet paper's convention.
        calibration: Similarity to confidence.
        selector: How a canvas is chosen; without one it is always the usual.
        measurements: Figures on test splits.
        data: What it was trained on.
        recipe: The whole recipe.
        files: SHA-256 of each file.
    """

    name: str
    dim: int
    canvas_sizes: tuple[int, ...]
    photo_size: int
    pen_width: float
    margin: float
    parameters: int
    gflops: dict[int, float]
    gflops_paper: dict[int, float]
    calibration: Calibration
    selector: SelectorCard | None = None
    measurements: tuple[Measurement, ...]
    data: tuple[Data, ...]
    recipe: dict[str, Any]
    files: dict[str, str]

    @property
    def digest(self) -> str:
        """Names the embedding space: galleries are bound to it, whichever precision made them."""
        return self.files["student.onnx"][:16]


def read_card(folder: Path) -> ModelCard:
    """Read the card of a model folder.

    Raises:
        ModelError: There is none, or it does not follow the format.
    """
    path = folder / CARD
    if not path.is_file():
        raise ModelError(f"{folder} is not a model folder: it has no {CARD}")
    try:
        card = ModelCard.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {where or 'the file'}: {first['msg']}") from error
    if "student.onnx" not in card.files:
        raise ModelError(f"{path} does not list student.onnx among its files")
    return card


def write_card(card: ModelCard, folder: Path) -> None:
    """Write ``card.json``."""
    text = json.dumps(card.model_dump(mode="json"), indent=1)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def read_checked(folder: Path, name: str, card: ModelCard) -> bytes:
    """A file of a model folder, if it is the one the card describes.

    Raises:
        ModelError: The file is missing, not on the card, or has changed.
    """
    if name not in card.files:
        raise ModelError(
            f"model {card.name} in {folder} has no {name}; it has {', '.join(card.files)}"
        )
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(
            f"{folder / name} cannot be read ({error.strerror}); reinstall it"
        ) from error
    if hash_bytes(content) != card.files[name]:
        raise ModelError(f"{folder / name} is not the file its card describes; reinstall the model")
    return content


def hash_bytes(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
