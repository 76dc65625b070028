import numpy as np

from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch
from inkseek.training.features import load_references, store_array


def test_without_a_network_there_are_rows_without_columns(tmp_path):
    lines = PackedSketches(*flatten([Sketch((np.eye(2, dtype=np.float32),), 1.0)]))
    photos = np.zeros((3, 4, 4, 3), dtype=np.uint8)
    packed = PackedSet(PairSet("three", (), ()), photos, lines, lines)
    (rows,) = load_references([packed], tmp_path, backbone=None, size=32)
    assert rows.shape == (3, 0)
    assert rows.dtype == np.float32
    assert list(tmp_path.iterdir()) == []


def test_a_stored_array_leaves_nothing_else_behind(tmp_path):
    path = tmp_path / "cache" / "rows.npy"
    for value in (1.0, 2.0):
        store_array(path, np.full(3, value))
        assert np.load(path).tolist() == [value] * 3
    assert list(path.parent.iterdir()) == [path]
