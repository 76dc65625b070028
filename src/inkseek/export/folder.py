"""The files of a model folder from a trained encoder: two networks, and weights to train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import onnx
import torch
from safetensors.torch import save_file

from inkseek.card import Calibration, ModelCard, SelectorCard, hash_bytes
from inkseek.data.pack import PackedSet
from inkseek.export.onnx import (
    absorb_batch_norm,
    fix_padding,
    round_to_half,
    store_as_half,
    to_onnx,
)
from inkseek.export.origins import origin_of
from inkseek.export.quantise import Pixels, to_int8
from inkseek.metrics.cost import count_macs, count_macs_as_the_paper
from inkseek.models.backbones import EmbeddingNet, count_parameters
from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH, draw_batch
from inkseek.raster.photo import fit_square

CALIBRATION_IMAGES = 160
"""Training sketches and photos, each, on which activation ranges are measured, per data set."""


@dataclass(frozen=True)
class Sides:
    """Sides in pixels of what an encoder sees.

    Attributes:
        canvases: Of sketches, the usual one first.
        photo: Of photos.
    """

    canvases: tuple[int, ...]
    photo: int

    @property
    def all(self) -> list[int]:
        """Each of them once, rising."""
        return sorted({*self.canvases, self.photo})


def prepare_network(network: EmbeddingNet) -> dict[str, torch.Tensor]:
    """Make a network ready for export, in place; its weights as they are stored for training."""
    absorb_batch_norm(network)
    round_to_half(network)
    network.eval()
    state = {k: v.half() for k, v in network.state_dict().items()}
    fix_padding(network)
    return state


def write_networks(
    network: EmbeddingNet,
    state: dict[str, torch.Tensor],
    out: Path,
    sides: Sides,
    sets: Sequence[PackedSet],
    *,
    seed: int,
) -> None:
    """Write ``student.onnx``, ``student.int8.onnx`` and ``weights.safetensors``.

    Args:
        network: From `prepare_network`, as `state` is.
        state: Weights for training.
        out: The model folder; made if it is not there.
        sides: What the network sees.
        sets: Training images among them calibrate the 8-bit network.
        seed: Of the choice of those images.
    """
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, onnx.ModelProto] = {
        "student.onnx": store_as_half(to_onnx(network, places=True)),
        "student.int8.onnx": to_int8(to_onnx(network), *_calibration_images(sides, sets, seed)),
    }
    for name, model in files.items():
        (out / name).write_bytes(model.SerializeToString())
    save_file(state, out / "weights.safetensors")


@runtime_checkable
class Recipe(Protocol):
    """What a card takes from the recipe of an encoder."""

    @property
    def name(self) -> str:
        """Of the run."""

    @property
    def dim(self) -> int:
        """Width of the embedding."""

    @property
    def sets(self) -> tuple[str, ...]:
        """Data sets it was trained on."""


def describe_model(
    folder: Path,
    network: EmbeddingNet,
    sides: Sides,
    recipe: Recipe,
    *,
    tree: dict[str, Any],
    calibration: Calibration,
    selector: SelectorCard | None = None,
) -> ModelCard:
    """The card of a folder whose networks are written; without measurements.

    Args:
        folder: The model folder.
        network: From `prepare_network`.
        sides: What it sees.
        recipe: What it was trained by.
        tree: The same, as the card holds it.
        calibration: Similarity to confidence.
        selector: What chooses a canvas, if anything does.
    """
    files = sorted(p for p in folder.iterdir() if p.suffix != ".json")
    return ModelCard(
        name=recipe.name,
        dim=recipe.dim,
        canvas_sizes=sides.canvases,
        photo_size=sides.photo,
        pen_width=DEFAULT_PEN_WIDTH,
        margin=DEFAULT_MARGIN,
        parameters=count_parameters(network),
        gflops={side: 2e-9 * count_macs(network, side) for side in sides.all},
        gflops_paper={side: 2e-9 * count_macs_as_the_paper(network, side) for side in sides.all},
        calibration=calibration,
        selector=selector,
        measurements=(),
        data=tuple(origin_of(name) for name in recipe.sets),
        recipe=tree,
        files={p.name: hash_bytes(p.read_bytes()) for p in files},
    )


def _calibration_images(sides: Sides, sets: Sequence[PackedSet], seed: int) -> list[Pixels]:
    """Drawn training sketches at each canvas size, then training photos."""
    generator = np.random.default_rng(seed)
    drawn: dict[int, list[Pixels]] = {side: [] for side in sides.canvases}
    fitted = []
    for packed in sets:
        sketches = [i for i, s in enumerate(packed.pairs.sketches) if s.split == "train"]
        photos = [i for i, p in enumerate(packed.pairs.photos) if p.split == "train"]
        chosen = [packed.sketches[int(i)] for i in generator.permutation(sketches)]
        for side in sides.canvases:
            ink = draw_batch(chosen[:CALIBRATION_IMAGES], side)
            drawn[side].append(np.repeat(ink[:, None], 3, axis=1))
        for i in generator.permutation(photos)[:CALIBRATION_IMAGES]:
            fitted.append(fit_square(packed.photos[i], sides.photo).transpose(2, 0, 1))
    return [*(np.concatenate(images) for images in drawn.values()), np.stack(fitted)]
