"""The reward by hand, and the bandit that tells its readings apart."""

import pytest
import torch

from inkseek.errors import RecipeError
from inkseek.systems.sketchynet.reward import (
    RewardConfig,
    accuracy_reward,
    expected_cost,
    scale_costs,
    selector_loss,
    total_reward,
)
from inkseek.training.policy_gradient import policy_gradient_loss

MOBILENET = torch.tensor([0.013019, 0.052074, 0.208298, 0.833192])
EQUAL = torch.zeros(4)
GROWING = torch.tensor([0.05, 0.15, 0.30, 0.35])


def test_accuracy_reward_by_hand():
    reward = accuracy_reward(torch.tensor([1, 4]), torch.tensor([0.0, 0.5]), RewardConfig())
    torch.testing.assert_close(reward, torch.tensor([0.4, 0.1 - 0.24]))


def test_expected_cost_of_a_sure_choice_is_its_scaled_cost():
    span = MOBILENET[3] - MOBILENET[0]
    torch.testing.assert_close(expected_cost(torch.eye(4), MOBILENET), MOBILENET / span)


def test_range_with_the_costs_of_mobilenet():
    scaled = scale_costs(MOBILENET).tolist()
    assert (min(scaled), max(scaled)) == pytest.approx((0.0159, 1.0159), abs=5e-5)


def test_the_unit_of_the_costs_does_not_matter():
    torch.testing.assert_close(scale_costs(MOBILENET * 1e9), scale_costs(MOBILENET))


def test_total_reward_by_hand():
    total = total_reward(torch.tensor([0.4]), torch.tensor([0.2]), compute_weight=0.35)
    assert total.item() == pytest.approx(-0.35 * 0.2 + 0.65 * 0.4)


@pytest.mark.parametrize("costs", [[1.0, 1.0], [-1.0, 1.0], [1.0, float("nan")]])
def test_costs_without_a_span_are_an_error(costs):
    with pytest.raises(RecipeError, match="must not be negative, nor all the same"):
        scale_costs(torch.tensor(costs))


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_compute_weight_outside_its_range_is_an_error(weight):
    with pytest.raises(RecipeError, match=r"must lie in \[0, 1\]"):
        RewardConfig(compute_weight=weight)


def expected_loss(logits, accuracy, config):
    """The loss averaged over the four arms as often as the policy pulls them."""
    log_policy = logits.log_softmax(0)[None]
    policy = log_policy[0].detach().exp()
    return sum(
        policy[arm]
        * selector_loss(log_policy, torch.tensor([arm]), accuracy[[arm]], MOBILENET, config)
        for arm in range(4)
    )


def not_detached(logits, accuracy, config):
    """Eqs. 5 to 7 with autograd let through the reward."""
    log_policy = logits.log_softmax(0)[None]
    cost = expected_cost(log_policy.exp(), MOBILENET)
    losses = []
    for arm in range(4):
        reward = total_reward(accuracy[[arm]], cost, compute_weight=config.compute_weight)
        losses.append(policy_gradient_loss(log_policy[:, arm], reward, detach=False))
    return (torch.stack(losses) * log_policy[0].detach().exp()).sum()


def learn(accuracy, loss_of=expected_loss, **options):
    """Exact gradient descent on a bandit of four canvases; the policy after it."""
    config = RewardConfig(**options)
    logits = torch.zeros(4, requires_grad=True)
    for _ in range(50):
        (gradient,) = torch.autograd.grad(loss_of(logits, accuracy, config), logits)
        logits = (logits - 3.0 * gradient).detach().requires_grad_()
    return logits.softmax(0).tolist()


@pytest.mark.parametrize("term", ["sampled", "regulariser"])
def test_of_equally_good_canvases_the_cheapest_wins(term):
    policy = learn(EQUAL, compute_term=term)
    assert policy == pytest.approx([0.77, 0.18, 0.04, 0.01], abs=0.01)


def test_taken_literally_cost_has_no_effect():
    assert learn(EQUAL, compute_term="literal") == pytest.approx([0.25] * 4, abs=1e-4)
    assert learn(GROWING, compute_term="literal")[3] == pytest.approx(0.87, abs=0.01)


def test_taken_literally_and_differentiated_the_dearest_wins():
    assert learn(EQUAL, not_detached) == pytest.approx([0.01, 0.02, 0.02, 0.95], abs=0.01)


@pytest.mark.parametrize("term", ["sampled", "regulariser"])
def test_accuracy_is_weighed_against_cost(term):
    policy = learn(GROWING, compute_term=term)
    assert policy.index(max(policy)) == 2
    assert policy[2] == pytest.approx(0.84, abs=0.01)


@pytest.mark.parametrize("term", ["sampled", "regulariser"])
def test_without_compute_weight_the_accurate_canvas_wins(term):
    policy = learn(GROWING, compute_term=term, compute_weight=0.0)
    assert policy.index(max(policy)) == 3


def test_sampled_and_regulariser_have_the_same_expected_gradient():
    logits = torch.tensor([0.5, -0.2, 0.1, 0.4], requires_grad=True)
    gradients = [
        torch.autograd.grad(
            expected_loss(logits, GROWING, RewardConfig(compute_term=term)), logits
        )[0]
        for term in ("sampled", "regulariser")
    ]
    torch.testing.assert_close(*gradients)


def test_an_unknown_compute_term_is_an_error():
    config = RewardConfig()
    # Past the annotation checks of tests, as a recipe's word arrives.
    object.__setattr__(config, "compute_term", "none")
    with pytest.raises(RecipeError, match="must be sampled, regulariser or literal"):
        config.__post_init__()
