"""The encoder of a finished run, ready to be measured, whichever system trained it."""

from pathlib import Path

import numpy as np

from inkseek.errors import ModelError
from inkseek.report.evaluation import Embed, Images, Rows
from inkseek.report.subject import Subject
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe, read_system
from inkseek.training.trained import load_trained, read_averaged

ENCODING = ("photo_topology", "siamese", "sketchynet")
"""Systems whose runs hold an encoder of sketches and photos."""


def load_subject(run: Path) -> Subject:
    """The encoder of a run, with every canvas that it was trained for.

    Raises:
        ModelError: The run is of a system that trains no encoder, or has no checkpoint.
    """
    system = read_system(run / RECIPE)
    match system:
        case "photo_topology":
            return _load_topology(run)
        case "siamese":
            return _load_siamese(run)
        case "sketchynet":
            return _load_student(run)
    raise ModelError(
        f"{run} is a run of {system}, which holds no encoder by itself; those of "
        f"{', '.join(ENCODING)} do, and so do model folders (`inkseek export`)"
    )


def _load_siamese(run: Path) -> Subject:
    from inkseek.systems.siamese.config import SiameseConfig

    config = read_recipe(run / RECIPE, SiameseConfig)
    embed = torch_embedder(load_trained(run).network)
    return Subject(
        {config.canvas_size: embed}, embed, config.photo_canvas_size, config.sets, config.photo_size
    )


def _load_student(run: Path) -> Subject:
    from inkseek.systems.sketchynet.config import StudentConfig
    from inkseek.systems.sketchynet.student import PHOTO, create_student
    from inkseek.systems.sketchynet.train_student import canvas_embedder

    config = read_recipe(run / RECIPE, StudentConfig)
    network = create_student(config, pretrained=False)
    network.load_state_dict(read_averaged(run))
    return Subject(
        {size: canvas_embedder(network, str(size)) for size in config.canvas_sizes},
        canvas_embedder(network, PHOTO),
        config.photo_canvas_size,
        config.sets,
        config.photo_size,
    )


def _load_topology(run: Path) -> Subject:
    from inkseek.models.backbones import create_backbone
    from inkseek.systems.photo_topology.config import TopologyConfig
    from inkseek.systems.photo_topology.module import PooledNet
    from inkseek.systems.photo_topology.train import bytes_embedder

    config = read_recipe(run / RECIPE, TopologyConfig)
    backbone = create_backbone(config.backbone, weights=None, pad_type=config.pad_type)
    network = PooledNet(backbone, config.pixel_mean, config.pixel_std)
    network.load_state_dict(read_averaged(run))
    sketch, photo = euclidean(bytes_embedder(network))
    return Subject(
        {config.canvas_size: sketch}, photo, config.canvas_size, config.sets, config.photo_size
    )


def euclidean(embed: Embed, *, scale: float = 1e-3) -> tuple[Embed, Embed]:
    """Rows of sketches and of photos whose product ranks as Euclidean distance does.

    A sketch ranks photos by |p|^2 - 2 s.p, which is minus the product of (s, 1) and (2 p, -|p|^2).

    Args:
        embed: Images to rows of any length.
        scale: Of the photo rows: small, so that no product reaches the distance of photos that a
            sketch does not compete with.
    """

    def embed_sketch(images: Images) -> Rows:
        rows = embed(images)
        return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)

    def embed_photo(images: Images) -> Rows:
        rows = embed(images)
        squares = np.square(rows).sum(axis=1, keepdims=True)
        return np.float32(scale) * np.concatenate([2 * rows, -squares], axis=1)

    return embed_sketch, embed_photo
