r"""REINFORCE for a policy that takes one action an example.

After "Sketch Down the FLOPs" (arXiv 2505.23763), Eq. 7; the estimator is that of Williams (1992).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sample_actions(
    log_policy: Float[Tensor, "batch actions"], *, generator: torch.Generator
) -> Int[Tensor, " batch"]:
    """Draw one action a row; the generator lives on the CPU, so that a seed means the same."""
    policy = log_policy.detach().exp().cpu()
    return torch.multinomial(policy, 1, generator=generator)[:, 0].to(log_policy.device)


def policy_gradient_loss(
    log_prob: Float[Tensor, " batch"],
    reward: Float[Tensor, " batch"],
    *,
    baseline: bool = False,
    detach: bool = True,
) -> Float[Tensor, ""]:
    r"""Its gradient raises the expected reward (Eq. 7).

    $$ L = -\frac{1}{B} \sum_i \log p(c_i \,|\, s_i) \, R_i $$

    Args:
        log_prob: Of the actions that were sampled.
        reward: What they earned.
        baseline: Subtract the mean reward of the batch, which the paper does not. The optimum
            stays, the variance falls. An example is part of its own baseline, which scales the
            expected gradient by $1 - 1/B$ and makes that of a single example zero.
        detach: Hold the reward constant, as REINFORCE means it. False differentiates through a
            reward that depends on the policy, and then *minimises* what it should maximise,
            since $\log p < 0$; it is here only to show that.
    """
    if detach:
        reward = reward.detach()
    if baseline:
        reward = reward - reward.mean()
    return -(log_prob * reward).mean()
