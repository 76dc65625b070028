r"""The gradient of the two-step update (Algorithm 1, Eq. 9 of the main text), as a pure function.

$$ \hat g = \nabla L_{FG}(\theta), \quad \theta' = \theta - \eta_s \hat g, \quad
   \bar g = \nabla L_{NT}(\theta'), \quad
   \theta \leftarrow \theta - \eta_s \hat g - \eta_t \bar g $$

First order: $\theta'$ counts as a constant, so $\hat g$ is not differentiated again. An optimiser
gets $\hat g + w \bar g$ with $w = \eta_t / \eta_s$ once a step, so that plain SGD with rate
$\eta_s$ makes the update above, and momentum sees the sum (the paper does not say which).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Parameters = Mapping[str, Tensor]
Loss = Callable[[Parameters], Float[Tensor, ""]]


@dataclass(frozen=True, eq=False)
class Update:
    """What one step found.

    Attributes:
        gradient: For the optimiser, by the name of the parameter.
        retrieval: L_FG at the weights before the step.
        topology: L_NT, in the two-step update at the intermediate weights.
    """

    gradient: dict[str, Tensor]
    retrieval: Float[Tensor, ""]
    topology: Float[Tensor, ""]


def two_step_update(
    parameters: Parameters, retrieval: Loss, topology: Loss, *, inner_rate: float, weight: float
) -> Update:
    """The gradient of Algorithm 1; ``parameters`` are not changed.

    Args:
        parameters: Weights by name; each requires a gradient.
        retrieval: L_FG as a function of weights.
        topology: L_NT as a function of weights.
        inner_rate: Eta_s.
        weight: Eta_t / eta_s.
    """
    first = retrieval(parameters)
    step = _gradient(first, parameters)
    intermediate = {
        name: (parameter.detach() - inner_rate * step[name]).requires_grad_()
        for name, parameter in parameters.items()
    }
    second = topology(intermediate)
    correction = _gradient(second, intermediate)
    gradient = {name: step[name] + weight * correction[name] for name in parameters}
    return Update(gradient, first.detach(), second.detach())


def multi_task_update(
    parameters: Parameters,
    losses: Callable[[Parameters], tuple[Tensor, Tensor]],
    *,
    weight: float,
) -> Update:
    """The gradient of L_FG + (beta / alpha) L_NT, both at the same weights.

    Args:
        parameters: Weights by name; each requires a gradient.
        losses: L_FG and L_NT as a function of weights.
        weight: Beta / alpha.
    """
    retrieval, topology = losses(parameters)
    gradient = _gradient(retrieval + weight * topology, parameters)
    return Update(gradient, retrieval.detach(), topology.detach())


def single_update(parameters: Parameters, retrieval: Loss) -> Update:
    """The gradient of L_FG alone: plain triplet training, the baseline."""
    loss = retrieval(parameters)
    return Update(_gradient(loss, parameters), loss.detach(), torch.zeros_like(loss.detach()))


def _gradient(loss: Tensor, parameters: Parameters) -> dict[str, Tensor]:
    # A loss may not reach every weight: when no triplet violates its margin, it reaches none.
    if not loss.requires_grad:
        return {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    found = torch.autograd.grad(loss, list(parameters.values()), materialize_grads=True)
    return dict(zip(parameters, found, strict=True))
