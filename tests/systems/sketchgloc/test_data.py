from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.errors import DatasetError
from inkseek.systems.sketchgloc.data import EpochStream, find_limits, fixed_batches, to_rows


def test_rows_say_where_the_pen_is():
    strokes = [np.float32([[0, 0], [1, 2]]), np.float32([[3, 4]])]
    expected = [[0, 0, 1, 0, 0], [1, 2, 0, 1, 0], [3, 4, 0, 1, 0], [0, 0, 0, 0, 1]]
    assert to_rows(strokes, 4).tolist() == expected
    with pytest.raises(DatasetError, match="max_seq_len"):
        to_rows(strokes, 3)


def test_limits_are_those_of_the_training_strokes(layouts, tiny):
    limits = find_limits(tiny, layouts)
    assert (limits.max_points, limits.max_nodes, limits.max_rows) == (8, 3, 21)
    pieces = find_limits(replace(tiny, max_stroke_len=5), layouts)
    # 8, 5 and 4 points are 2, 1 and 1 pieces: the nodes are counted, not the strokes.
    assert (pieces.max_points, pieces.max_nodes) == (5, 4)


def test_a_batch_depends_on_its_step_alone(layouts, tiny):
    config = replace(tiny, re_scale=0.3)
    limits = find_limits(config, layouts)
    stream = EpochStream(config, layouts, limits)
    late = next(iter(EpochStream(config, layouts, limits, first_step=5)))
    for key, value in stream.batch(5).items():
        assert torch.equal(value, late[key])
    assert not torch.equal(stream.batch(4)["target"], late["target"])


def test_an_epoch_sees_every_sketch_once(layouts, tiny):
    stream = EpochStream(tiny, layouts, find_limits(tiny, layouts))
    assert stream.steps_per_epoch == 4
    seen = torch.cat([stream.batch(step)["target"] for step in range(4)])
    assert len(torch.unique(seen, dim=0)) == 200


def test_the_target_is_clean_and_the_input_is_not(layouts, tiny):
    limits = find_limits(tiny, layouts)
    (clean,), (moved,) = (
        fixed_batches(replace(tiny, re_scale=r), layouts, limits, "val") for r in (0.0, 0.3)
    )
    assert torch.equal(clean["target"], moved["target"])
    assert torch.equal(clean["points"][:, 0], moved["points"][:, 0])
    assert not torch.equal(clean["points"][:, 1], moved["points"][:, 1])
    for sketch, length in enumerate(clean["lengths"][:, 0].tolist()):
        first = clean["points"][sketch, 0, :length]
        assert torch.equal(first, clean["target"][sketch, :length, :2])


def test_validation_is_the_same_at_every_call(layouts, tiny):
    config = replace(tiny, re_scale=0.3)
    limits = find_limits(config, layouts)
    first, again = (fixed_batches(config, layouts, limits, "val")[0] for _ in range(2))
    assert torch.equal(first["points"], again["points"])
