import io
import json

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketches
from inkseek.strokes.readers.quickdraw import read_quickdraw

SIMPLIFIED = {"word": "cat", "drawing": [[[10, 30], [5, 25]], [[20], [45]]]}
RAW = {"drawing": [[[-10.5, 30.0], [100.0, 120.0], [7.0, 57.0]], [[0.0], [110.0], [99.0]]]}


def lines(*documents):
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def test_a_simplified_drawing_is_shifted_to_the_origin():
    sketch = parse_sketch(lines(SIMPLIFIED), "cat")
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [20, 20]])
    np.testing.assert_array_equal(sketch.strokes[1], [[10, 40]])
    assert sketch.canvas_size == 40
    assert sketch.times is None


def test_a_raw_drawing_keeps_its_times_from_the_first_point():
    sketch = parse_sketch(lines(RAW), "raw")
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [40.5, 20]])
    assert [track.tolist() for track in sketch.times] == [[0, 50], [92]]
    assert sketch.canvas_size == 40.5


def test_a_line_is_a_sketch_in_order(tmp_path):
    path = tmp_path / "many.anything"
    path.write_bytes(lines(SIMPLIFIED, RAW, {"drawing": []}, SIMPLIFIED) + b"\n")
    assert [s.num_points for s in read_sketches(path)] == [3, 3, 0, 3]


def test_a_pretty_printed_drawing_is_read():
    assert parse_sketch(json.dumps(RAW, indent=1).encode(), "pretty").num_points == 3


def test_lines_are_read_as_they_are_needed():
    sketches = read_quickdraw(io.BytesIO(lines(SIMPLIFIED) + b"damaged"), "cat")
    assert next(sketches).num_points == 3
    with pytest.raises(SketchFormatError, match="cat, line 2 is not valid JSON"):
        next(sketches)


@pytest.mark.parametrize(
    "drawing",
    [[[[1, 2], [1]]], [[[1, 2]]], [[1, 2]], [None], [[[], []]], [{}], [[["1"], ["2"]]]],
)
def test_a_damaged_stroke_is_named(drawing):
    with pytest.raises(SketchFormatError, match="cat"):
        parse_sketch(lines({"drawing": drawing}), "cat")


@pytest.mark.parametrize("kind", ["simplified", "raw", "many"])
def test_real_drawings_parse(data_root, kind):
    path = sorted((data_root / "quickdraw" / kind).glob("*.ndjson"))[0]
    sketches = list(read_sketches(path))
    assert len(sketches) == len(path.read_text(encoding="utf-8").splitlines())
    for sketch in sketches:
        points = np.concatenate(sketch.strokes)
        assert points.min() == 0
        assert points.max() == pytest.approx(sketch.canvas_size)
        assert (sketch.times is not None) == (kind == "raw")
