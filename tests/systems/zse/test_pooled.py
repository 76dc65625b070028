"""The pooled relation network against loops, and what it says before it has learnt anything."""

import math

import pytest
import torch

from inkseek.models.backbones import count_parameters
from inkseek.systems.zse.pooled import SPANS, PooledRelation, RetrievalCosine

GRID = 3


def random_cosines(seed=0):
    return torch.rand(2, 9, 9, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.fixture
def learnt():
    """A relation network whose every weight is some number."""
    torch.manual_seed(0)
    relation = PooledRelation(GRID**2)
    with torch.no_grad():
        for parameter in relation.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return relation


def shifted(rows, columns):
    """Each sketch anchor meets the photo anchor so many rows below and columns to the right."""
    cosines = torch.zeros(1, 9, 9)
    for r in range(GRID):
        for c in range(GRID):
            if r + rows < GRID and c + columns < GRID:
                cosines[0, r * GRID + c, (r + rows) * GRID + c + columns] = 1.0
    return cosines


def logit_by_loops(relation, cosines):
    total = relation.bias.item()
    for h in range(2 * len(SPANS)):
        asked = cosines if h < len(SPANS) else cosines.T
        table = relation.offsets[h].reshape(2 * GRID - 1, 2 * GRID - 1)
        weights = [math.exp(a) for a in relation.places[h].tolist()]
        for i in range(9):
            powers = []
            for j in range(9):
                down, right = j // GRID - i // GRID, j % GRID - i % GRID
                near = table[GRID - 1 - down, GRID - 1 - right].item()
                sharpness = math.exp(relation.log_sharpness[h].item())
                powers.append(math.exp(sharpness * asked[i, j].item() + near))
            met = sum(p * asked[i, j].item() for j, p in enumerate(powers)) / sum(powers)
            total += relation.weight[h].item() * weights[i] / sum(weights) * met
    return total


def test_the_logit_is_that_of_plain_loops(learnt):
    cosines = random_cosines()
    expected = [logit_by_loops(learnt, matrix) for matrix in cosines]
    assert learnt(cosines).tolist() == pytest.approx(expected, abs=1e-4)


def test_it_has_few_weights_and_all_of_them_learn():
    relation = PooledRelation(64)
    assert count_parameters(relation) + count_parameters(RetrievalCosine()) == 1_166
    relation(torch.rand(3, 64, 64)).sum().backward()
    assert [n for n, p in relation.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_at_first_anchors_of_the_same_place_count_most():
    relation = PooledRelation(GRID**2)
    here, beside, far = (relation(shifted(*by)).item() for by in ((0, 0), (0, 1), (2, 2)))
    assert here > beside > far


def test_at_first_neither_side_comes_first():
    relation, cosines = PooledRelation(GRID**2), random_cosines(1)
    torch.testing.assert_close(relation(cosines), relation(cosines.transpose(1, 2)))


def test_a_pair_does_not_depend_on_the_others(learnt):
    cosines = random_cosines(2)
    torch.testing.assert_close(learnt(cosines)[1:], learnt(cosines[1:]))


def test_the_cosine_of_retrieval_tokens_knows_no_length():
    retrieval = RetrievalCosine()
    sketch, photo = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[4.0, 3.0], [0.0, 2.0]])
    expected = retrieval.log_scale.exp() * torch.tensor([0.96, 0.0])
    torch.testing.assert_close(retrieval(sketch, photo), expected)
    torch.testing.assert_close(retrieval(sketch * 7, photo / 3), expected)
