"""What Lightning needs of every network that a function measures while it is trained."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import lightning
from torch import nn

from inkseek.training.recipe import to_tree

Config = TypeVar("Config")
Network = TypeVar("Network", bound=nn.Module)


class MeasuredModule(lightning.LightningModule, Generic[Config, Network]):
    """A recipe, the network it makes, and the function that measures it at validations.

    A system adds its network, a training step and an optimiser. Checkpoints hold the weights under
    ``network.``.

    Attributes:
        config: The recipe, which checkpoints hold as well.
        network: What is trained; set by the system, after the seed of the recipe.
    """

    config: Config
    network: Network

    def __init__(
        self, config: Config, validate: Callable[[Network], dict[str, float]] | None = None
    ) -> None:
        super().__init__()
        self.save_hyperparameters(to_tree(config))
        self.config = config
        self._validate = validate

    def validate(self) -> dict[str, float]:
        """Figures of the network as it is now; none without a function that measures it."""
        return {} if self._validate is None else self._validate(self.network)

    def validation_step(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Figures by the function given at the start, which finds its own data.

        Of several devices the first measures, since it alone writes into the run's folder.
        """
        if self.trainer.is_global_zero:
            self.log_dict(self.validate(), batch_size=1, rank_zero_only=True)
