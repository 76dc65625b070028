"""A finished run to a model folder: networks, calibration, and a card that says it all."""

from collections.abc import Sequence
from pathlib import Path

from inkseek.card import ModelCard, write_card
from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import held_back, load_sets
from inkseek.export.folder import Sides, describe_model, prepare_network, write_networks
from inkseek.models.backbones import EmbeddingNet
from inkseek.report.confidence import calibrate_on_validation
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.module import create_network
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe, to_tree
from inkseek.training.trained import read_averaged


def export(run: Path, out: Path, *, cache: Path, on_progress: OnProgress = silent) -> list[Path]:
    """`export_run` with the data of the run's recipe, as `registry.System` has it."""
    config, _ = load_run(run)
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    card = export_run(run, out, sets)
    return [out / name for name in card.files]


def export_run(run: Path, out: Path, sets: Sequence[PackedSet]) -> ModelCard:
    """Write the model folder of a run's last checkpoint (its averaged weights).

    Raises:
        ModelError: The run has no checkpoint.
    """
    config, network = load_run(run)
    sides = Sides((config.canvas_size,), config.photo_canvas_size)
    write_networks(network, prepare_network(network), out, sides, sets, seed=config.seed)
    card = describe_model(
        out,
        network,
        sides,
        config,
        tree=to_tree(config),
        calibration=calibrate_on_validation(
            torch_embedder(network),
            config.canvas_size,
            config.photo_canvas_size,
            sets,
            held_back(config.sets),
        ),
    )
    write_card(card, out)
    return card


def load_run(run: Path) -> tuple[SiameseConfig, EmbeddingNet]:
    """The recipe and the averaged network of a run."""
    state = read_averaged(run)
    config = read_recipe(run / RECIPE, SiameseConfig)
    network = create_network(config, pretrained=False)
    network.load_state_dict(state)
    return config, network
