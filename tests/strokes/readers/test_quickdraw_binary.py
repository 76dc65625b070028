import struct

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketches

STROKES = [([10, 20, 30], [0, 5, 40]), ([7], [9])]


def drawing(strokes):
    content = struct.pack("<Q2sbIH", 2**63 + 5, b"DE", 1, 1_490_000_000, len(strokes))
    for x, y in strokes:
        content += struct.pack("<H", len(x)) + bytes(x) + bytes(y)
    return content


def test_drawings_are_read_in_order(tmp_path):
    path = tmp_path / "cat"
    path.write_bytes(drawing(STROKES) + drawing([]) + drawing(STROKES[:1]))
    sketches = list(read_sketches(path))
    assert [s.num_points for s in sketches] == [4, 0, 3]
    np.testing.assert_array_equal(sketches[0].strokes[0], [[3, 0], [13, 5], [23, 40]])
    np.testing.assert_array_equal(sketches[0].strokes[1], [[0, 9]])
    assert sketches[0].canvas_size == 40


def test_a_truncated_drawing_is_named():
    content = drawing(STROKES)
    for end in range(19, len(content)):
        with pytest.raises(SketchFormatError, match="drawing 1 ends in its middle"):
            parse_sketch(content[:end], "cat.bin")
