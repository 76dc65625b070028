r"""What the canvas selector is paid for: finding the photo, cheaply.

After "Sketch Down the FLOPs" (arXiv 2505.23763), Eqs. 4 to 7, with one change. The cost term of
Eq. 5, $L_F$, depends on the whole policy and not on the canvas that was sampled. Inside the reward
of Eq. 6 it is therefore the same for every action, and its expected policy gradient is zero: the
selector is under no pressure to choose small canvases (and if autograd is let through it, the
pressure is to choose large ones). The cost of the sampled canvas has the same expectation,
$E_{c \sim \eta}[q_c] = \sum_j q_j \eta_j$, and a gradient, so it takes its place by default.
"""

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float, Int
from torch import Tensor

from inkseek.errors import RecipeError
from inkseek.training.policy_gradient import policy_gradient_loss

ComputeTerm = Literal["sampled", "regulariser", "literal"]


@dataclass(frozen=True)
class RewardConfig:
    r"""The weights of the reward.

    Attributes:
        rank_weight: $\lambda_r$ of Eq. 4, on one over the rank of the true photo.
        triplet_weight: $\lambda_{Tri}$ of Eq. 4, on the triplet loss.
        margin: Of that triplet loss, in squared distance.
        compute_weight: $\lambda_F$ of Eq. 6, in [0, 1].
        compute_term: ``sampled``: the cost of the sampled canvas is in the reward.
            ``regulariser``: Eq. 5 stands beside the reward and is differentiated; the same
            expected gradient with less variance. ``literal``: Eqs. 5 to 7 as printed, where
            cost has no effect on what is learnt; an ablation.
        baseline: Subtract the mean reward of a batch, which the paper does not.
    """

    rank_weight: float = 0.4
    triplet_weight: float = 0.48
    margin: float = 0.2
    compute_weight: float = 0.35
    compute_term: ComputeTerm = "sampled"
    baseline: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.compute_weight <= 1.0:
            raise RecipeError(
                f"compute_weight is {self.compute_weight}, but must lie in [0, 1]; the reward of "
                "accuracy gets the rest"
            )
        if self.compute_term not in ("sampled", "regulariser", "literal"):
            raise RecipeError(
                f"compute_term is {self.compute_term!r}, but must be sampled, regulariser or "
                "literal"
            )


def accuracy_reward(
    ranks: Int[Tensor, "*shape"], triplets: Float[Tensor, "*shape"], config: RewardConfig
) -> Float[Tensor, "*shape"]:
    r"""$R_{acc} = \lambda_r / \mathrm{rank} - \lambda_{Tri} L_{Tri}$ (Eq. 4).

    Args:
        ranks: Of the true photo, from 1; ties lose.
        triplets: The triplet loss of each sketch, not negative.
        config: The weights.
    """
    return config.rank_weight / ranks - config.triplet_weight * triplets


def scale_costs(costs: Float[Tensor, " canvases"]) -> Float[Tensor, " canvases"]:
    r"""$q_j / (q_{max} - q_{min})$ of Eq. 5: how many times the whole span a canvas costs.

    The lowest is above zero: for the FLOPs of MobileNetV2 the range is [0.0159, 1.0159].
    """
    span = costs.max() - costs.min()
    if not (span > 0 and bool((costs >= 0).all())):
        raise RecipeError(
            f"canvas costs are {costs.tolist()}, but must not be negative, nor all the same"
        )
    return costs / span


def expected_cost(
    policy: Float[Tensor, "batch canvases"], costs: Float[Tensor, " canvases"]
) -> Float[Tensor, " batch"]:
    r"""$L_F = \sum_j q_j \eta_j / (q_{max} - q_{min})$ (Eq. 5).

    Args:
        policy: $\eta$; rows that sum to 1.
        costs: $q$, the FLOPs of each canvas in any unit.
    """
    return policy @ scale_costs(costs)


def total_reward(
    accuracy: Float[Tensor, " batch"], cost: Float[Tensor, " batch"], *, compute_weight: float
) -> Float[Tensor, " batch"]:
    r"""$R = -\lambda_F L_F + (1 - \lambda_F) R_{acc}$ (Eq. 6), with any scaled cost for $L_F$."""
    return (1.0 - compute_weight) * accuracy - compute_weight * cost


def selector_loss(
    log_policy: Float[Tensor, "batch canvases"],
    action: Int[Tensor, " batch"],
    accuracy: Float[Tensor, " batch"],
    costs: Float[Tensor, " canvases"],
    config: RewardConfig,
) -> Float[Tensor, ""]:
    """What to minimise so that the policy earns more (Eq. 7, with the reward of `config`).

    Args:
        log_policy: Of each sketch.
        action: The canvas that was sampled for it.
        accuracy: What that canvas earned by `accuracy_reward`; held constant.
        costs: The FLOPs of each canvas in any unit.
        config: Weights, and where the cost enters.
    """
    weight = config.compute_weight
    log_prob = log_policy.gather(1, action[:, None])[:, 0]
    if config.compute_term == "regulariser":
        earned = (1.0 - weight) * accuracy
        loss = policy_gradient_loss(log_prob, earned, baseline=config.baseline)
        return loss + weight * expected_cost(log_policy.exp(), costs).mean()
    if config.compute_term == "sampled":
        cost = scale_costs(costs)[action]
    else:
        cost = expected_cost(log_policy.exp(), costs)
    reward = total_reward(accuracy, cost, compute_weight=weight)
    return policy_gradient_loss(log_prob, reward, baseline=config.baseline)
