import pytest
import torch

from inkseek.losses.relational import batch_relational_distillation, relational_distillation
from inkseek.losses.triplet import hard_triplet_loss, triplet_loss
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.objective import (
    Pair,
    canvas_objective,
    draw_negatives,
    find_peers,
)


def unit(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(*shape, generator=generator), dim=-1)


def test_peers_are_of_the_block_or_of_another_category_and_never_of_the_same_category_elsewhere():
    category, block = torch.tensor([0, 0, 0, 1, 0]), torch.tensor([0, 0, 1, 2, -1])
    expected = [
        [False, True, False, True, False],
        [True, False, False, True, False],
        [False, False, False, True, False],
        [True, True, True, False, True],
        [False, False, False, True, False],
    ]
    assert find_peers(category, block).tolist() == expected


def test_rows_without_a_block_are_no_peers_of_each_other():
    category, block = torch.tensor([0, 0]), torch.tensor([-1, -1])
    assert not find_peers(category, block).any()


def test_negatives_are_peers_and_every_peer_is_drawn_at_times():
    peers = torch.tensor([[0, 1, 1], [0, 0, 1], [1, 0, 0]], dtype=torch.bool)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.stack([draw_negatives(peers, generator) for _ in range(50)])
    assert [sorted(set(column.tolist())) for column in drawn.T] == [[1, 2], [2], [0]]


@pytest.mark.parametrize("relations", ["triplet", "batch"])
def test_a_canvas_pays_for_its_triplets_and_for_the_distances_of_its_teacher(relations):
    student, teacher = Pair(*unit(2, 4, 6)), Pair(*unit(2, 4, 9, seed=1))
    # Sketches 0 and 1 may show the same photo: no negatives, but their distance can be learnt.
    peers = ~torch.eye(4, dtype=torch.bool)
    peers[0, 1] = peers[1, 0] = False
    negative = torch.tensor([2, 3, 1, 0])
    config = StudentConfig("s", teachers=("t",), relations=relations, margin=0.3, beta=0.5)
    triplet, relation = canvas_objective(student, teacher, peers, negative, config)
    if relations == "triplet":
        rows = (student.sketch, student.photo, student.photo[negative])
        taught = (teacher.sketch, teacher.photo, teacher.photo[negative])
        torch.testing.assert_close(triplet, triplet_loss(*rows, margin=0.3))
        torch.testing.assert_close(relation, relational_distillation(*rows, *taught, beta=0.5))
    else:
        torch.testing.assert_close(
            triplet, hard_triplet_loss(student.sketch, student.photo, peers=peers, margin=0.3)
        )
        expected = batch_relational_distillation(
            student.sketch, student.photo, teacher.sketch, teacher.photo, beta=0.5
        )
        torch.testing.assert_close(relation, expected)
