import pytest
import torch

from inkseek.losses.relational import (
    batch_relational_distillation,
    huber,
    relational_distillation,
)


def unit(rows, dim, seed):
    x = torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)


@pytest.fixture
def student():
    return [unit(6, 5, seed) for seed in range(3)]


@pytest.fixture
def teacher():
    return [unit(6, 9, seed) for seed in range(3, 6)]


def turn(dim):
    generator = torch.Generator().manual_seed(7)
    rotation, _ = torch.linalg.qr(torch.randn(dim, dim, generator=generator, dtype=torch.float64))
    return rotation


@pytest.mark.parametrize(
    ("gap", "beta", "value"),
    [
        (0.0, 1.0, 0.0),
        (0.5, 1.0, 0.125),
        (-0.5, 1.0, 0.125),
        (1.0, 1.0, 0.5),
        (3.0, 1.0, 2.5),
        (-3.0, 1.0, 2.5),
        (0.5, 0.25, 0.09375),
        (1.0, 2.0, 0.5),
    ],
)
def test_huber_by_hand(gap, beta, value):
    a, b = torch.tensor([gap + 0.25]), torch.tensor([0.25])
    assert huber(a, b, beta=beta).item() == pytest.approx(value)


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_huber_agrees_with_torch(beta):
    a, b = 3 * unit(5, 7, 0), 3 * unit(5, 7, 1)
    expected = torch.nn.HuberLoss(reduction="none", delta=beta)(a, b)
    torch.testing.assert_close(huber(a, b, beta=beta), expected)


def test_agrees_with_loops_over_torch_huber(student, teacher):
    expected = 0.0
    for i in range(6):
        for a, b in ((0, 1), (0, 2), (1, 2)):
            of_student = (student[a][i] - student[b][i]).norm() ** 2
            of_teacher = (teacher[a][i] - teacher[b][i]).norm() ** 2
            expected += torch.nn.HuberLoss(delta=0.4)(of_student, of_teacher).item()
    loss = relational_distillation(*student, *teacher, beta=0.4)
    assert loss.item() == pytest.approx(expected / 6)


def test_is_zero_when_the_distances_are_the_teachers(teacher):
    """The student's space is wider and turned, yet its distances are the same."""
    wider = [torch.cat([x, torch.zeros(6, 2, dtype=x.dtype)], dim=1) @ turn(11) for x in teacher]
    assert relational_distillation(*wider, *teacher).item() == pytest.approx(0.0, abs=1e-12)
    loss = batch_relational_distillation(*wider[:2], *teacher[:2])
    assert loss.item() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("turned", ["student", "teacher"])
def test_turning_either_side_changes_nothing(student, teacher, turned):
    before = relational_distillation(*student, *teacher)
    before_batch = batch_relational_distillation(*student[:2], *teacher[:2])
    if turned == "student":
        student = [x @ turn(5) for x in student]
    else:
        teacher = [x @ turn(9) for x in teacher]
    torch.testing.assert_close(relational_distillation(*student, *teacher), before)
    after = batch_relational_distillation(*student[:2], *teacher[:2])
    torch.testing.assert_close(after, before_batch)


def test_the_teacher_gets_no_gradient(student, teacher):
    for x in (*student, *teacher):
        x.requires_grad_()
    loss = relational_distillation(*student, *teacher)
    loss = loss + batch_relational_distillation(*student[:2], *teacher[:2])
    loss.backward()
    assert all(x.grad is None for x in teacher)
    assert all(x.grad is not None and x.grad.abs().sum() > 0 for x in student)


def test_gradient_is_numerically_correct(student, teacher):
    for x in student:
        x.requires_grad_()
    assert torch.autograd.gradcheck(lambda *s: relational_distillation(*s, *teacher), student)
    assert torch.autograd.gradcheck(
        lambda *s: batch_relational_distillation(*s, *teacher[:2]), student[:2]
    )


def mean_over_triplets(student, teacher, allowed):
    total = [
        relational_distillation(
            *(x[[i]] for x in student), student[1][[j]], *(x[[i]] for x in teacher), teacher[1][[j]]
        )
        for i in range(6)
        for j in range(6)
        if i != j and allowed(i, j)
    ]
    return sum(total) / len(total)


def test_the_batch_form_is_the_mean_over_all_triplets(student, teacher):
    student, teacher = student[:2], teacher[:2]
    expected = mean_over_triplets(student, teacher, lambda i, j: True)
    torch.testing.assert_close(batch_relational_distillation(*student, *teacher), expected)


def test_the_batch_form_draws_negatives_among_peers_only(student, teacher):
    student, teacher = student[:2], teacher[:2]
    block = torch.arange(6) // 3
    peers = block[:, None] == block[None, :]  # The diagonal is ignored.
    expected = mean_over_triplets(student, teacher, lambda i, j: i // 3 == j // 3)
    loss = batch_relational_distillation(*student, *teacher, peers=peers)
    torch.testing.assert_close(loss, expected)


def test_the_batch_form_without_negatives_matches_the_pairs_alone(student, teacher):
    none = torch.zeros(6, 6, dtype=torch.bool)
    loss = batch_relational_distillation(*student[:2], *teacher[:2], peers=none)
    pairs = [(a - b).square().sum(1) for a, b in (student[:2], teacher[:2])]
    assert loss.item() == pytest.approx(torch.nn.HuberLoss()(*pairs).item())


def test_a_student_learns_the_teachers_distances(teacher):
    """Free rows, pulled by the loss alone, come to lie as the teacher's do."""
    free = [torch.randn(6, 9, generator=torch.Generator().manual_seed(s)) for s in range(3)]
    free = [x.requires_grad_() for x in free]
    teacher = [x.float() for x in teacher]
    optimiser = torch.optim.Adam(free, lr=0.1)
    for _ in range(80):
        rows = [x / x.norm(dim=1, keepdim=True) for x in free]
        loss = relational_distillation(*rows, *teacher)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 1e-3
