import pytest
import torch

from inkseek.training.policy_gradient import policy_gradient_loss, sample_actions


def expected_gradient(logits, reward_of, **options):
    """The gradient of the loss, averaged over actions as often as the policy takes them."""
    log_policy = logits.log_softmax(0)
    policy = log_policy.detach().exp()
    loss = sum(
        policy[a]
        * policy_gradient_loss(log_policy[[a]], reward_of(log_policy.exp())[[a]], **options)
        for a in range(len(logits))
    )
    return torch.autograd.grad(loss, logits)[0]


def test_loss_by_hand():
    log_prob, reward = torch.tensor([-1.0, -2.0]), torch.tensor([0.5, -3.0])
    assert policy_gradient_loss(log_prob, reward).item() == pytest.approx(-(-0.5 + 6.0) / 2)


def test_baseline_by_hand():
    log_prob, reward = torch.tensor([-1.0, -2.0]), torch.tensor([1.0, 3.0])
    loss = policy_gradient_loss(log_prob, reward, baseline=True)
    assert loss.item() == pytest.approx(-(-1.0 * -1.0 + -2.0 * 1.0) / 2)


def test_gradient_is_that_of_the_expected_reward():
    logits = torch.tensor([0.3, -0.5, 0.1, 0.9], dtype=torch.float64, requires_grad=True)
    reward = torch.tensor([0.2, -1.0, 0.7, 0.4], dtype=torch.float64)
    expected = torch.autograd.grad(-(logits.softmax(0) * reward).sum(), logits)[0]
    torch.testing.assert_close(expected_gradient(logits, lambda policy: reward), expected)


def test_a_reward_that_all_actions_share_teaches_nothing_unless_it_is_differentiated():
    logits = torch.tensor([0.3, -0.5, 0.1], dtype=torch.float64, requires_grad=True)
    costs = torch.tensor([0.1, 0.2, 1.0], dtype=torch.float64)

    def reward_of(policy):
        return -(policy @ costs).expand(3)

    held = expected_gradient(logits, reward_of)
    torch.testing.assert_close(held, torch.zeros_like(held))
    through = expected_gradient(logits, reward_of, detach=False)
    # Descent would then raise the cost.
    cost_gradient = torch.autograd.grad(logits.softmax(0) @ costs, logits)[0]
    assert (through * cost_gradient).sum() < 0


def test_the_batch_baseline_scales_the_expected_gradient_and_lowers_its_variance():
    generator = torch.Generator().manual_seed(0)
    logits = torch.tensor([0.3, -0.5, 0.1], dtype=torch.float64, requires_grad=True)
    reward = torch.tensor([5.2, 4.8, 5.0], dtype=torch.float64)

    def draw(baseline):
        log_policy = logits.log_softmax(0).expand(8, 3)
        action = sample_actions(log_policy, generator=generator)
        log_prob = log_policy.gather(1, action[:, None])[:, 0]
        loss = policy_gradient_loss(log_prob, reward[action], baseline=baseline)
        return torch.autograd.grad(loss, logits)[0]

    exact = expected_gradient(logits, lambda policy: reward)
    plain = torch.stack([draw(False) for _ in range(600)])
    with_baseline = torch.stack([draw(True) for _ in range(600)])
    assert with_baseline.var(0).sum() < 0.01 * plain.var(0).sum()
    torch.testing.assert_close(with_baseline.mean(0), exact * 7 / 8, atol=0.004, rtol=0)


def test_no_gradient_reaches_the_reward():
    log_prob = torch.tensor([-1.0], requires_grad=True)
    reward = torch.tensor([2.0], requires_grad=True)
    policy_gradient_loss(log_prob, reward).backward()
    assert reward.grad is None
    assert log_prob.grad.item() == pytest.approx(-2.0)


def test_actions_come_as_often_as_the_policy_says():
    policy = torch.tensor([0.1, 0.2, 0.7])
    generator = torch.Generator().manual_seed(0)
    actions = sample_actions(policy.log().expand(6000, 3), generator=generator)
    assert actions.shape == (6000,)
    shares = torch.bincount(actions, minlength=3) / 6000
    torch.testing.assert_close(shares, policy, atol=0.02, rtol=0)


def test_the_same_seed_draws_the_same_actions():
    log_policy = torch.randn(50, 4, generator=torch.Generator().manual_seed(1)).log_softmax(1)
    draws = [
        sample_actions(log_policy, generator=torch.Generator().manual_seed(seed)).tolist()
        for seed in (3, 3, 4)
    ]
    assert draws[0] == draws[1] != draws[2]
