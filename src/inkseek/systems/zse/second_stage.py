"""What compares tokens learns alone, from a trunk that is held still (ours).

Of categories that a trunk was trained on, its retrieval tokens rank so well that patches add
nothing; on those it never saw they do. A relation network that learns from the former thus learns
to ignore patches. As in stacked generalisation (Wolpert 1992), it learns here from categories which
the first stage held back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inkseek.data.pack import PackedSet
from inkseek.errors import ModelError, RecipeError
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.module import Validate
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.objective import match_objective
from inkseek.systems.zse.pairing import pair_in_rows
from inkseek.systems.zse.stored import StoredTokens, load_stored
from inkseek.systems.zse.trained import load_run
from inkseek.training.module import MeasuredModule
from inkseek.training.optimiser import create_optimiser

RELATION_RATE = 30.0
"""Of a pooled relation network, in those of cross-attention: it has few weights."""


@dataclass(frozen=True, eq=False)
class FirstStage:
    """A finished run whose trunk is held still, and the tokens that it gives."""

    network: ZseNetwork
    stored: StoredTokens


def load_first_stage(
    config: ZseConfig, sets: Sequence[PackedSet], unseen: frozenset[str], cache: Path
) -> FirstStage:
    """The run that a recipe names, with stored tokens of the categories to learn from.

    Raises:
        ModelError: That run has no weights, or they do not fit its recipe.
        RecipeError: This recipe holds back what that run trained on, or leaves fewer than two
            categories to learn from.
    """
    before, network = load_run(Path(str(config.first_stage)))
    if leaked := set(config.held_back) - set(before.held_back):
        raise RecipeError(
            f"held_back names {min(leaked)!r}, which {config.first_stage} was trained on; "
            f"choose among what it held back: {', '.join(before.held_back) or 'nothing'}"
        )
    new = set(before.held_back) - set(config.held_back) - unseen
    known = {photo.category for s in sets for photo in s.pairs.photos}
    known |= {sketch.category for s in sets for sketch in s.pairs.sketches}
    return FirstStage(network, load_stored(network, config, sets, frozenset(known - new), cache))


class SecondStage(MeasuredModule[ZseConfig, ZseNetwork]):
    """Meets stored tokens pair by pair and compares."""

    def __init__(
        self, config: ZseConfig, first: ZseNetwork, validate: Validate | None = None
    ) -> None:
        """Take the trunk over.

        Raises:
            ModelError: It is not the recipe's.
        """
        super().__init__(config, validate)
        torch.manual_seed(config.seed)
        self.network = ZseNetwork(config.network, load=False)
        try:
            self.network.trunk.load_state_dict(first.trunk.state_dict())
        except RuntimeError as error:
            raise ModelError(
                f"the trunk in {config.first_stage} is not that of the recipe; "
                "take over its `network` but for relation and anchors"
            ) from error
        self.network.trunk.requires_grad_(False)

    def on_train_start(self) -> None:
        """Measure what the run begins with, since that may be the best of it."""
        if self.trainer.global_step == 0 and self.trainer.is_global_zero:
            self.validate()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ANN401
        """Dropout is seeded by the step, so that a resumed run goes on as an uninterrupted one."""
        self.network.trunk.eval()
        torch.manual_seed(self.config.seed + int(batch["step"]))

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One batch of `candidates.CandidateStream`."""
        config, sketch, photo = self.config, batch["sketch"], batch["photo"]
        pairs = pair_in_rows(len(sketch), len(photo) // len(sketch), sketch.device)
        match = self.network.match(sketch, photo, pairs.rows, pairs.columns)
        triplet, relation, ranking = match_objective(match, pairs, config)
        parts = {"triplet": triplet, "relation": relation, "ranking": ranking}
        total = (
            config.triplet_weight * triplet
            + config.relation_weight * relation
            + config.ranking_weight * ranking
        )
        self.log_dict(
            {f"train/{name}": value for name, value in {"total": total, **parts}.items()},
            prog_bar=True,
        )
        return total

    def configure_optimizers(self) -> Any:  # noqa: ANN401
        """AdamW with warm-up and a cosine."""
        config, network = self.config, self.network
        faster = RELATION_RATE if config.network.relation == "pooled" else 1.0
        rates: dict[nn.Module | None, float] = {
            network.sketch_attention: 1.0,
            network.photo_attention: 1.0,
            network.anchors.convolution: 1.0,
            network.relation: faster,
            network.retrieval: faster,
        }
        return create_optimiser(
            [
                (part, rate * config.learning_rate)
                for part, rate in rates.items()
                if part is not None
            ],
            weight_decay=config.weight_decay,
            warmup=config.warmup,
            steps=config.steps,
        )
