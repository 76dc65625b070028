"""A finished run to a model folder: two networks, calibration, and a card that says it all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from safetensors.torch import save_file

from inkseek.card import Calibration, Data, ModelCard, hash_bytes, write_card
from inkseek.data.pack import PackedSet
from inkseek.data.pairs import OWN, Split
from inkseek.data.sets import held_back
from inkseek.data.tasks import make_tasks
from inkseek.export.onnx import (
    absorb_batch_norm,
    fix_padding,
    round_to_half,
    store_as_half,
    to_onnx,
)
from inkseek.export.quantise import to_int8
from inkseek.metrics.cost import count_macs, count_macs_as_the_paper
from inkseek.models.backbones import EmbeddingNet, count_parameters
from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH, draw_batch
from inkseek.raster.photo import fit_square
from inkseek.report.confidence import Episode, fit_calibration, make_episodes
from inkseek.report.evaluation import embed_tasks
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.module import create_network
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import read_recipe, to_tree
from inkseek.training.trained import RECIPE, WEIGHTS, read_averaged

CALIBRATION_IMAGES = 160
"""Training sketches and photos, each, on which activation ranges are measured, per data set."""

ORIGINS = {
    "sketchy-mini": ("Sketchy Database (Sangkloy et al. 2016), a subset", "research use"),
    "sketchy-more": ("Sketchy Database (Sangkloy et al. 2016), three categories", "research use"),
    "shoes": ("QMUL Shoe (Yu et al. 2016)", "research use"),
    "emoji": ("OpenMoji 17 and Fluent Emoji 3D", "CC BY-SA 4.0 and MIT"),
    "quickdraw": ("Quick, Draw! with Tiny-ImageNet photos", "CC BY 4.0; ImageNet: research use"),
    "quickdraw-strokes": ("Quick, Draw!", "CC BY 4.0"),
}


def export_run(run: Path, out: Path, sets: Sequence[PackedSet]) -> ModelCard:
    """Write the model folder of a run's last checkpoint (its averaged weights).

    Raises:
        ModelError: The run has no checkpoint.
    """
    config, network = load_run(run)
    state = _prepare(network)
    model = to_onnx(network)
    out.mkdir(parents=True, exist_ok=True)
    files = {
        "student.onnx": store_as_half(to_onnx(network, places=True)).SerializeToString(),
        "student.int8.onnx": _quantise(model, config, sets),
    }
    for name, content in files.items():
        (out / name).write_bytes(content)
    save_file(state, out / WEIGHTS)
    digests = {
        p.name: hash_bytes(p.read_bytes()) for p in sorted(out.iterdir()) if p.suffix != ".json"
    }
    sizes = sorted({config.canvas_size, config.photo_canvas_size})
    card = ModelCard(
        name=config.name,
        dim=config.dim,
        canvas_sizes=(config.canvas_size,),
        photo_size=config.photo_canvas_size,
        pen_width=DEFAULT_PEN_WIDTH,
        margin=DEFAULT_MARGIN,
        parameters=count_parameters(network),
        gflops={size: 2e-9 * count_macs(network, size) for size in sizes},
        gflops_paper={size: 2e-9 * count_macs_as_the_paper(network, size) for size in sizes},
        calibration=_calibrate(network, config, sets),
        measurements=(),
        data=tuple(_origin_of(name) for name in config.sets),
        recipe=to_tree(config),
        files=digests,
    )
    write_card(card, out)
    return card


def _prepare(network: EmbeddingNet) -> dict[str, torch.Tensor]:
    """Make a network ready for export, in place; its weights as they are stored for training."""
    absorb_batch_norm(network)
    round_to_half(network)
    network.eval()
    state = {k: v.half() for k, v in network.state_dict().items()}
    fix_padding(network)
    return state


def load_run(run: Path) -> tuple[SiameseConfig, EmbeddingNet]:
    """The recipe and the averaged network of a run."""
    state = read_averaged(run)
    config = read_recipe(run / RECIPE, SiameseConfig)
    network = create_network(config, pretrained=False)
    network.load_state_dict(state)
    return config, network


def _origin_of(name: str) -> Data:
    if name.startswith(OWN):
        # Where the folder lies is nobody else's business.
        return Data(name="own", origin="photos of one's own", licence="as its owner says")
    origin, licence = ORIGINS[name]
    return Data(name=name, origin=origin, licence=licence)


def make_split_episodes(
    embedded: Sequence[tuple[Any, Any, Any]], *, seed: int = 0
) -> list[Episode]:
    """Episodes of every instance task among embedded tasks."""
    generator = np.random.default_rng(seed)
    return [
        episode
        for task, queries, gallery in embedded
        if task.is_instance
        for episode in make_episodes(task, queries, gallery, generator=generator)
    ]


def _calibrate(
    network: EmbeddingNet, config: SiameseConfig, sets: Sequence[PackedSet]
) -> Calibration:
    split: Split = "val"
    tasks = [
        t
        for t in make_tasks([s.pairs for s in sets], split, held_back(config.sets))
        if t.is_instance
    ]
    sizes = (config.canvas_size, config.photo_canvas_size)
    embedded = list(embed_tasks(torch_embedder(network), *sizes, sets, tasks))
    return fit_calibration(make_split_episodes(embedded))


def _quantise(model: onnx.ModelProto, config: SiameseConfig, sets: Sequence[PackedSet]) -> bytes:
    generator = np.random.default_rng(config.seed)
    drawn, fitted = [], []
    for packed in sets:
        sketches = [i for i, s in enumerate(packed.pairs.sketches) if s.split == "train"]
        photos = [i for i, p in enumerate(packed.pairs.photos) if p.split == "train"]
        chosen = generator.permutation(sketches)[:CALIBRATION_IMAGES]
        ink = draw_batch([packed.sketches[int(i)] for i in chosen], config.canvas_size)
        drawn.append(np.repeat(ink[:, None], 3, axis=1))
        for i in generator.permutation(photos)[:CALIBRATION_IMAGES]:
            pixels = fit_square(packed.photos[i], config.photo_canvas_size)
            fitted.append(pixels.transpose(2, 0, 1))
    return bytes(to_int8(model, np.concatenate(drawn), np.stack(fitted)).SerializeToString())
