"""A finished run to a model folder; its pooled features are brought to unit length.

What searches ranks by the cosine, while training knew distances of features of any length, so
figures of the folder are its own: `benchmarks/photo_topology.py` measures both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkseek.card import ModelCard, write_card
from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import held_back, load_sets
from inkseek.export.folder import Sides, describe_model, prepare_network, write_networks
from inkseek.report.confidence import calibrate_on_validation
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe, to_tree
from inkseek.training.trained import load_trained


@dataclass(frozen=True)
class PooledRecipe:
    """What the card takes from a recipe, whose width is that of the backbone."""

    name: str
    dim: int
    sets: tuple[str, ...]


def export(run: Path, out: Path, *, cache: Path, on_progress: OnProgress = silent) -> list[Path]:
    """`export_run` with the data of the run's recipe, as `registry.System` has it."""
    config = read_recipe(run / RECIPE, TopologyConfig)
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    card = export_run(run, out, sets)
    return [out / name for name in card.files]


def export_run(run: Path, out: Path, sets: Sequence[PackedSet]) -> ModelCard:
    """Write the model folder of a run's last checkpoint.

    Raises:
        ModelError: The run has no checkpoint.
    """
    trained = load_trained(run)
    config = read_recipe(run / RECIPE, TopologyConfig)
    network, side = trained.network, config.canvas_size
    sides = Sides((side,), side)
    write_networks(network, prepare_network(network), out, sides, sets, seed=config.seed)
    card = describe_model(
        out,
        network,
        sides,
        PooledRecipe(config.name, trained.dim, config.sets),
        tree=to_tree(config),
        calibration=calibrate_on_validation(
            torch_embedder(network), side, side, sets, held_back(config.sets)
        ),
    )
    write_card(card, out)
    return card
