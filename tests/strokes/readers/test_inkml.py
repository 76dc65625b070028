import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch

HEAD = '<?xml version="1.0"?><ink xmlns="http://www.w3.org/2003/InkML">'


def parse(body):
    return parse_sketch(f"{HEAD}{body}</ink>".encode(), "note.inkml")


def test_a_trace_is_a_stroke():
    sketch = parse("<trace>10 5, 30 25</trace><traceGroup><trace>20 45</trace></traceGroup>")
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [20, 20]])
    np.testing.assert_array_equal(sketch.strokes[1], [[10, 40]])
    assert sketch.canvas_size == 40
    assert sketch.times is None


def test_channels_may_come_in_any_order_with_times():
    sketch = parse(
        '<traceFormat><channel name="T" type="integer"/><channel name="Y"/><channel name="X"/>'
        "</traceFormat><trace>1000 1 2,1010 3 5</trace>"
    )
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [3, 2]])
    assert sketch.times[0].tolist() == [0, 10]


def test_differences_follow_the_recommendation():
    # The example of section 3.2.1.
    sketch = parse("<trace>1125 18432,'23'43,\"7\"-8,3-5,7 -3,6 2,6 8,3 6,2 4,*5,3 6</trace>")
    expected = [
        [1125, 18432], [1148, 18475], [1178, 18510], [1211, 18540], [1251, 18567], [1297, 18596],
        [1349, 18633], [1404, 18676], [1461, 18723], [1518, 18775], [1578, 18833],
    ]  # fmt: skip
    np.testing.assert_array_equal(sketch.strokes[0], np.subtract(expected, expected[0]))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<trace></trace>",
        "<trace>1 2, 3</trace>",
        "<trace>1 x</trace>",
        "<trace>1 nan</trace>",
        "<trace>1 1e999</trace>",
        '<traceFormat><channel name="X"/></traceFormat><trace>1</trace>',
        "<trace>",
    ],
)
def test_a_damaged_trace_is_named(body):
    with pytest.raises(SketchFormatError, match=r"note.inkml"):
        parse(body)
