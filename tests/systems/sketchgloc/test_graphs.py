import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkseek.errors import DatasetError
from inkseek.systems.sketchgloc.graphs import CENTRE, build_nodes, cut_strokes, localise

# Whole numbers, so that shifts and scalings are exact and edges often touch.
CORNERS = arrays(np.int16, (1, 5, 2, 2), elements=st.integers(-8, 8))


def to_boxes(corners):
    low, high = corners.min(axis=2), corners.max(axis=2)
    return np.concatenate([low, high], axis=2).astype(np.float32)


def relate(boxes):
    return localise(boxes, np.ones(boxes.shape[:2], dtype=np.bool_))


def cell_by_cell(first, second):
    """The released code's way: corners to cells, then the border of their rectangle."""

    def cell(value, low, high):
        return 0 if value < low else 2 if value > high else 1

    xs = [cell(second[k], first[0], first[2]) for k in (0, 2)]
    ys = [cell(second[k], first[1], first[3]) for k in (1, 3)]
    marks = [0] * 9
    for x in range(xs[0], xs[1] + 1):
        for y in range(ys[0], ys[1] + 1):
            if x in xs or y in ys:
                marks[3 * x + y] = 1
    return marks


@given(CORNERS)
def test_agrees_with_a_loop_over_corners(corners):
    boxes = to_boxes(corners)
    relations = relate(boxes)
    for i in range(5):
        for j in range(5):
            assert relations[0, i, j].astype(int).tolist() == cell_by_cell(boxes[0, i], boxes[0, j])


@given(CORNERS)
def test_a_stroke_is_within_itself_alone(corners):
    relations = relate(to_boxes(corners))
    own = relations[0, np.arange(5), np.arange(5)]
    assert own[:, CENTRE].all()
    assert (own.sum(axis=1) == 1).all()


@given(CORNERS)
def test_one_to_eight_cells_are_touched(corners):
    counts = relate(to_boxes(corners)).sum(axis=3)
    assert counts.min() >= 1
    assert counts.max() <= 8


@given(CORNERS, st.integers(-99, 99), st.integers(-99, 99), st.sampled_from([0.25, 1.0, 3.0]))
def test_shifts_and_scalings_change_nothing(corners, right, down, factor):
    boxes = to_boxes(corners)
    moved = (boxes + np.float32([right, down, right, down])) * np.float32(factor)
    assert np.array_equal(relate(boxes), relate(moved))


@given(CORNERS)
def test_a_mirror_swaps_left_and_right(corners):
    grid = relate(to_boxes(corners)).reshape(1, 5, 5, 3, 3)
    mirrored = relate(to_boxes(corners * np.int16([-1, 1]))).reshape(1, 5, 5, 3, 3)
    assert np.array_equal(grid[..., ::-1, :], mirrored)


@given(CORNERS)
def test_boxes_wholly_to_the_right_mark_right_cells_alone(corners):
    boxes = to_boxes(corners)
    grid = relate(boxes).reshape(1, 5, 5, 3, 3)
    apart = boxes[0, None, :, 0] > boxes[0, :, None, 2]
    assert not grid[0][apart][:, :2].any()
    assert grid[0][apart][:, 2].any(axis=1).all()


@given(CORNERS, st.permutations(range(5)))
def test_relations_follow_their_strokes(corners, order):
    boxes = to_boxes(corners)
    assert np.array_equal(relate(boxes)[:, order][:, :, order], relate(boxes[:, order]))


def test_a_frame_touches_all_cells_but_the_centre():
    boxes = np.float32([[[4, 4, 6, 6], [0, 0, 9, 9]]])
    assert relate(boxes)[0, 0, 1].astype(int).tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1]
    assert relate(boxes)[0, 1, 0].astype(int).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]


@given(st.lists(st.integers(1, 23), min_size=1, max_size=5), st.integers(1, 9))
def test_cutting_loses_no_point(lengths, max_points):
    strokes = [np.arange(2 * n, dtype=np.float32).reshape(n, 2) for n in lengths]
    pieces = cut_strokes(strokes, max_points)
    assert np.array_equal(np.concatenate(pieces), np.concatenate(strokes))
    assert max(map(len, pieces)) <= max_points
    assert len(pieces) == sum(-(-n // max_points) for n in lengths)


def test_whole_strokes_are_nodes():
    strokes = [np.ones((7, 2), dtype=np.float32), np.zeros((3, 2), dtype=np.float32)]
    assert [len(piece) for piece in cut_strokes(strokes, 7)] == [7, 3]


def test_a_batch_is_padded_with_nothing():
    one = [np.float32([[0, 0], [1, 1]])]
    three = [*one, np.float32([[5, 5]]), np.float32([[9, 9], [8, 8], [7, 7]])]
    nodes = build_nodes([one, three], max_points=5, max_nodes=9)
    assert nodes.lengths.tolist() == [[2, 0, 0], [2, 1, 3]]
    assert nodes.points.shape == (2, 3, 3, 2)
    assert not nodes.points[0, 1:].any()
    assert not nodes.localisation[0, 1:].any()
    assert not nodes.localisation[0, :, 1:].any()
    alone = build_nodes([one], max_points=5, max_nodes=9)
    assert np.array_equal(nodes.localisation[0, :1, :1], alone.localisation[0])
    assert build_nodes([three], max_points=5, max_nodes=2).lengths.tolist() == [[2, 1]]


def test_an_empty_sketch_is_refused():
    with pytest.raises(DatasetError, match="without strokes"):
        build_nodes([[]], max_points=5, max_nodes=9)
    with pytest.raises(DatasetError, match="max_points is 0"):
        cut_strokes([], 0)
