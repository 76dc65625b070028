"""A finished run as a network that can be used."""

from pathlib import Path

from safetensors.torch import load_file

from inkseek.errors import ModelError
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import ZseNetwork
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import read_averaged

BEST = "best.safetensors"
"""Averaged weights of the best validation."""


def load_run(run: Path) -> tuple[ZseConfig, ZseNetwork]:
    """The network of the best validation; of a run without one, of the last checkpoint.

    Raises:
        ModelError: The run has no weights, or they do not fit its recipe.
    """
    state = load_file(run / BEST) if (run / BEST).is_file() else read_averaged(run)
    config = read_recipe(run / RECIPE, ZseConfig)
    network = ZseNetwork(config.network, load=False)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"the weights in {run} do not fit its recipe; train again") from error
    return config, network.eval()
