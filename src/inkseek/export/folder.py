"""The files of a model folder from a trained encoder: two networks, and weights to train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.torch import save_file

from inkseek.card import hash_bytes
from inkseek.data.pack import PackedSet
from inkseek.export.onnx import (
    absorb_batch_norm,
    fix_padding,
    round_to_half,
    store_as_half,
    to_onnx,
)
from inkseek.export.quantise import Pixels, to_int8
from inkseek.metrics.cost import count_macs, count_macs_as_the_paper
from inkseek.models.backbones import EmbeddingNet
from inkseek.raster.draw import draw_batch
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


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a model folder but its card."""
    files = sorted(p for p in folder.iterdir() if p.suffix != ".json")
    return {p.name: hash_bytes(p.read_bytes()) for p in files}


def measure_gflops(network: EmbeddingNet, sides: Sides) -> dict[int, float]:
    """2 x multiply-adds of one image of each side, in 10^9."""
    return {side: 2e-9 * count_macs(network, side) for side in sides.all}


def measure_gflops_as_the_paper(network: EmbeddingNet, sides: Sides) -> dict[int, float]:
    """The same in the convention of the SketchyNet paper."""
    return {side: 2e-9 * count_macs_as_the_paper(network, side) for side in sides.all}


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
