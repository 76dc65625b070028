from pathlib import Path

import numpy as np
import pytest

from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet, SketchRef
from inkseek.data.traced import load_traced, redraw
from inkseek.errors import SketchFormatError
from inkseek.raster.draw import draw, flatten
from inkseek.strokes.sketch import Sketch


def polyline(*points):
    return Sketch((np.array(points, dtype=np.float32),), 256.0)


SKETCHES = [
    polyline((20, 20), (230, 40), (230, 200)),
    polyline((20, 128), (230, 128)),
    polyline((30, 30), (200, 220), (220, 30)),
]


@pytest.fixture
def packed():
    refs = tuple(SketchRef(Path(f"{i}.svg"), 0, "line", "val", None) for i in range(3))
    sketches = PackedSketches(*flatten(SKETCHES))
    nothing = PackedSketches(*flatten([]))
    return PackedSet(
        PairSet("lines", (), refs), np.empty((0, 8, 8, 3), np.uint8), sketches, nothing
    )


def test_a_traced_sketch_draws_the_same_picture():
    for sketch in SKETCHES:
        difference = draw(redraw(sketch), 64).astype(float) - draw(sketch, 64)
        assert np.abs(difference).mean() < 4.0


def test_rows_keep_their_order_and_are_traced_once(packed, tmp_path):
    steps = []
    first = load_traced(
        packed, [2, 0], tmp_path, size=128, on_progress=lambda *step: steps.append(step)
    )
    again = load_traced(
        packed, [2, 0], tmp_path, size=128, on_progress=lambda *step: steps.append(step)
    )
    assert steps == [(1, 2), (2, 2)]
    assert len(first) == len(again) == 2
    assert first.canvas_size == 128.0
    expected = [redraw(SKETCHES[i], 128) for i in (2, 0)]
    for i, sketch in enumerate(expected):
        for mine, its in zip(again[i].strokes, sketch.strokes, strict=True):
            np.testing.assert_array_equal(mine, its)
    assert len(load_traced(packed, [1], tmp_path, size=128)) == 1, "other rows are another file"


def test_a_blank_sketch_is_an_error():
    with pytest.raises(SketchFormatError):
        redraw(Sketch((), 256.0))
