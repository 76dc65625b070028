import json
import math

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch


def parse(*elements):
    document = {"type": "excalidraw", "version": 2, "elements": elements}
    return parse_sketch(json.dumps(document, indent=1).encode(), "board.excalidraw")


def test_a_free_line_lies_at_its_place():
    line = {"type": "freedraw", "x": 100, "y": -50, "points": [[0, 0], [30, 40]], "angle": 0}
    other = {"type": "line", "x": 100, "y": -40, "points": [[0, 0], [10, 0, 0.5]]}
    sketch = parse(line, other)
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [30, 40]])
    np.testing.assert_array_equal(sketch.strokes[1], [[0, 10], [10, 10]])
    assert sketch.canvas_size == 40


def test_a_shape_turns_around_its_centre():
    shape = {"type": "rectangle", "x": 0, "y": 0, "width": 40, "height": 20}
    sketch = parse(shape | {"angle": math.pi / 2})
    assert sketch.canvas_size == pytest.approx(40)
    np.testing.assert_allclose(np.ptp(sketch.strokes[0], axis=0), [20, 40], atol=1e-4)


def test_ellipse_and_diamond_fill_their_box():
    for kind in ("ellipse", "diamond"):
        sketch = parse({"type": kind, "x": 3, "y": 4, "width": 40, "height": 20})
        np.testing.assert_allclose(np.ptp(sketch.strokes[0], axis=0), [40, 20])


def test_deleted_elements_and_text_are_left_out():
    line = {"type": "line", "x": 0, "y": 0, "points": [[0, 0], [1, 1]]}
    assert len(parse(line, line | {"isDeleted": True}, {"type": "text", "text": "a"}).strokes) == 1


@pytest.mark.parametrize(
    "element",
    [
        5,
        {"type": "text"},
        {"type": []},
        {"type": "line"},
        {"type": "line", "points": [[1]]},
        {"type": "line", "points": [["1", 2]]},
        {"type": "line", "x": "1", "points": [[1, 2]]},
        {"type": "line", "x": 1e99, "points": [[1, 2]]},
    ],
)
def test_a_damaged_element_is_named(element):
    with pytest.raises(SketchFormatError, match=r"board.excalidraw"):
        parse(element)
