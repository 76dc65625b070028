import json

import numpy as np
import pytest
from PIL import Image

from inkseek.data.pack import PackedSketches, pack
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch


def test_packed_sketches_come_back_as_they_went_in():
    sketches = [
        Sketch((np.float32([[0, 1], [2, 3]]), np.float32([[4, 5]])), 9.0),
        Sketch((), 9.0),
        Sketch((np.float32([[6, 7], [8, 9], [1, 1]]),), 9.0),
    ]
    packed = PackedSketches(*flatten(sketches), canvas_size=9.0)
    assert len(packed) == 3
    for i, sketch in enumerate(sketches):
        assert len(packed[i].strokes) == len(sketch.strokes)
        for a, b in zip(packed[i].strokes, sketch.strokes, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.fixture
def pairs(tmp_path):
    pixels = np.full((30, 20, 3), 255, np.uint8)
    pixels[10:20, 5:15] = (200, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    lines = [{"key_id": str(i), "drawing": [[[0, 50 + i], [0, 90]]]} for i in range(3)]
    (tmp_path / "cat.ndjson").write_text("\n".join(map(json.dumps, lines)))
    return PairSet(
        "tiny",
        (PhotoRef(tmp_path / "photo.png", "cat", "train", "g"),),
        (
            SketchRef(tmp_path / "cat.ndjson", 2, "cat", "train", None),
            SketchRef(tmp_path / "cat.ndjson", 0, "cat", "train", None),
        ),
    )


def test_a_pack_is_made_once_and_read_again(pairs, tmp_path):
    calls = []
    first = pack(pairs, tmp_path / "cache", photo_size=24, on_progress=lambda *c: calls.append(c))
    assert calls[-1] == (3, 3)
    assert first.photos.shape == (1, 24, 24, 3)
    widths = [np.ptp(first.sketches[i].strokes[0][:, 0]) for i in range(2)]
    assert widths[0] > widths[1]  # line 2 of the file is wider than line 0
    again = pack(pairs, tmp_path / "cache", photo_size=24, on_progress=lambda *c: calls.append(c))
    assert len(calls) == 3
    np.testing.assert_array_equal(again.photos, first.photos)
    np.testing.assert_array_equal(again.sketches.points, first.sketches.points)


def test_another_size_is_another_pack(pairs, tmp_path):
    for size in (16, 24):
        pack(pairs, tmp_path / "cache", photo_size=size)
    assert len(list((tmp_path / "cache").iterdir())) == 2
