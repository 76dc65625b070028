"""Training of the canvas selector: no image is drawn or embedded, so an epoch takes seconds.

After "Sketch Down the FLOPs" (arXiv 2505.23763), section 4: every epoch sees each training sketch
once, cut to a random share of its points to simulate abstraction.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from inkseek.errors import DatasetError, RecipeError
from inkseek.systems.sketchynet.outcomes import Outcomes
from inkseek.systems.sketchynet.reward import (
    RewardConfig,
    accuracy_reward,
    scale_costs,
    selector_loss,
    total_reward,
)
from inkseek.systems.sketchynet.selector import Kind, Selector, create_selector
from inkseek.systems.sketchynet.selector_data import Inputs, SelectorData
from inkseek.training.policy_gradient import sample_actions

Choices = Int64[np.ndarray, " sketches"]
Costs = Float[np.ndarray, " canvases"]


@dataclass(frozen=True)
class SelectorConfig:
    """How a selector is trained.

    Attributes:
        kind: Its network; the paper's is ``gru``.
        learning_rate: Of Adam, which the paper does not name for this stage.
        batch_size: Sketches a step.
        epochs: Each shows every training sketch once.
        seed: Of everything random.
        reward: What it is paid for.
    """

    kind: Kind = "gru"
    learning_rate: float = 1e-4
    batch_size: int = 32
    epochs: int = 500
    seed: int = 0
    reward: RewardConfig = field(default_factory=RewardConfig)

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise RecipeError(
                f"epochs is {self.epochs} and batch_size {self.batch_size}, but both must be at "
                "least 1"
            )


@dataclass(frozen=True)
class SelectorFigures:
    """How one canvas a sketch fares on complete sketches.

    Attributes:
        acc_at_1: Share of sketches whose true photo is first.
        reward: Mean of Eq. 6, with the cost of the chosen canvas.
        cost: Mean cost of the student at the chosen canvas, in the unit of the costs; the
            selector's own comes on top.
        shares: Of sketches that chose each canvas.
    """

    acc_at_1: float
    reward: float
    cost: float
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Epoch:
    """One epoch: mean loss and mean accuracy reward while training, then figures of validation."""

    number: int
    loss: float
    accuracy_reward: float
    val: SelectorFigures


@dataclass(frozen=True, eq=False)
class TrainedSelector:
    """The selector as of its best epoch, in evaluation mode, and how it came about."""

    selector: Selector
    best: Epoch
    history: tuple[Epoch, ...]


def train_selector(
    train: SelectorData,
    val: SelectorData,
    costs: Costs,
    config: SelectorConfig,
    *,
    device: str = "cpu",
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> TrainedSelector:
    """Train by REINFORCE; the epoch of the largest validation reward wins, the first of equals.

    Args:
        train: Training sketches, with ranks among training photos.
        val: Validation sketches; only complete ones are judged.
        costs: FLOPs of the student at each canvas, in order of size, in any unit.
        config: The recipe.
        device: Where the network runs; what is random does not depend on it.
        on_epoch: Told of every epoch.
    """
    _check_canvases(train, val, costs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        selector = create_selector(config.kind, num_canvases=len(costs)).to(device)
    optimiser = torch.optim.Adam(selector.parameters(), lr=config.learning_rate)
    generator = torch.Generator().manual_seed(config.seed)
    earned = _accuracy_table(train.outcomes, config.reward)
    history: list[Epoch] = []
    for number in range(1, config.epochs + 1):
        means = _train_epoch(selector, optimiser, train.inputs, earned, costs, config, generator)
        choices = choose_canvases(selector, val.inputs)
        figures = judge_choices(choices, val.outcomes, costs, config.reward)
        if all(figures.reward > earlier.val.reward for earlier in history):
            best_state = copy.deepcopy(selector.state_dict())
        history.append(Epoch(number, *means, figures))
        on_epoch(history[-1])
    selector.load_state_dict(best_state)
    best = max(history, key=lambda epoch: epoch.val.reward)
    return TrainedSelector(selector.eval(), best, tuple(history))


def choose_canvases(selector: Selector, inputs: Inputs) -> Choices:
    """The likeliest canvas of each complete sketch, as a search chooses it."""
    num_levels, num_sketches = inputs.shape
    device = next(selector.parameters()).device
    was_training = selector.training
    selector.eval()
    chosen = []
    with torch.no_grad():
        for index in np.array_split(np.arange(num_sketches), range(256, num_sketches, 256)):
            tensors = inputs.tensors(index, np.full(len(index), num_levels - 1))
            chosen.append(selector(*(part.to(device) for part in tensors)).argmax(1).cpu())
    selector.train(was_training)
    return np.asarray(torch.cat(chosen).numpy())


def judge_choices(
    choices: Choices, outcomes: Outcomes, costs: Costs, reward: RewardConfig
) -> SelectorFigures:
    """What a canvas for each complete sketch leads to, whoever chose it."""
    sketches = np.arange(len(choices))
    accuracy = _accuracy_table(outcomes, reward)[-1].numpy()[choices, sketches]
    cost = scale_costs(torch.tensor(costs, dtype=torch.float32))[torch.from_numpy(choices)]
    total = total_reward(torch.from_numpy(accuracy), cost, compute_weight=reward.compute_weight)
    return SelectorFigures(
        acc_at_1=float((outcomes.ranks[-1][choices, sketches] == 1).mean()),
        reward=float(total.mean()),
        cost=float(np.asarray(costs, dtype=np.float64)[choices].mean()),
        shares=tuple((np.bincount(choices, minlength=len(costs)) / len(choices)).tolist()),
    )


def _train_epoch(
    selector: Selector,
    optimiser: torch.optim.Optimizer,
    inputs: Inputs,
    earned: Float[Tensor, "levels canvases sketches"],
    costs: Costs,
    config: SelectorConfig,
    generator: torch.Generator,
) -> tuple[float, float]:
    """Show every sketch once; the mean loss and the mean accuracy reward of what was sampled."""
    selector.train()
    device = next(selector.parameters()).device
    prices = torch.tensor(costs, dtype=torch.float32, device=device)
    num_levels, _, num_sketches = earned.shape
    order = torch.randperm(num_sketches, generator=generator)
    levels = torch.randint(num_levels, (num_sketches,), generator=generator)
    loss_sum = reward_sum = 0.0
    for start in range(0, num_sketches, config.batch_size):
        index = order[start : start + config.batch_size]
        level = levels[index]
        tensors = inputs.tensors(index.numpy(), level.numpy())
        log_policy = selector(*(part.to(device) for part in tensors))
        action = sample_actions(log_policy, generator=generator)
        accuracy = earned[level, action.cpu(), index]
        loss = selector_loss(log_policy, action, accuracy.to(device), prices, config.reward)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        loss_sum += loss.item() * len(index)
        reward_sum += float(accuracy.sum())
    return loss_sum / num_sketches, reward_sum / num_sketches


def _accuracy_table(
    outcomes: Outcomes, reward: RewardConfig
) -> Float[Tensor, "levels canvases sketches"]:
    ranks, triplets = torch.from_numpy(outcomes.ranks), torch.from_numpy(outcomes.triplets)
    return accuracy_reward(ranks, triplets, reward)


def _check_canvases(train: SelectorData, val: SelectorData, costs: Costs) -> None:
    counts = len(costs), train.outcomes.ranks.shape[1], val.outcomes.ranks.shape[1]
    if len(set(counts)) > 1:
        raise DatasetError(
            f"costs, training and validation outcomes have {counts} canvases; they must agree"
        )
    if (np.diff(costs) < 0).any():
        raise DatasetError(f"costs are {costs.tolist()}, but canvases must come in order of size")
