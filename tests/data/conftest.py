"""Tiny trees in the layouts in which data sets are released."""

import pickle

import numpy as np
import pytest
from PIL import Image

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8L8 1"/></svg>'


def _photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    shade = sum(path.name.encode()) % 200
    Image.fromarray(np.full((9, 9, 3), shade, np.uint8)).save(path)


def _drawing(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((32, 32), 255, np.uint8)
    pixels[4:28, 15:17] = 0
    Image.fromarray(pixels).save(path)


@pytest.fixture
def add_photo():
    return _photo


@pytest.fixture
def add_drawing():
    return _drawing


ROWS = np.array([[10, 10, 0], [200, 40, 1], [50, 60, 0], [50, 200, 1]], dtype=np.float64)


@pytest.fixture
def shoev2(tmp_path):
    """Coordinates: photo 11 has two sketches, 22 (test) has one; nobody drew 33."""
    coordinates = {"/train/11_1": ROWS, "/train/11_2": ROWS[:2], "/test/22_1": ROWS}
    (tmp_path / "ShoeV2_Coordinate").write_bytes(pickle.dumps(coordinates, 2))
    for name in ("11", "22", "33"):
        _photo(tmp_path / "photo" / f"{name}.png")
    return tmp_path


@pytest.fixture
def chairv2(tmp_path):
    """A file a sketch: 11 has two sketches, one of them strokes; 22 (test) has one."""
    for name in ("11", "22"):
        _photo(tmp_path / "ChairV2_photo" / f"{name}.png")
    _drawing(tmp_path / "ChairV2_sketch" / "11_1.png")
    _drawing(tmp_path / "ChairV2_sketch" / "22_1.png")
    (tmp_path / "ChairV2_sketch" / "11_2.svg").write_text(SVG)
    (tmp_path / "photo_train.txt").write_text("11.png\n")
    (tmp_path / "photo_test.txt").write_text("22.png\n")
    (tmp_path / "sketch_train.txt").write_text("11_1.svg\n11_2.svg\n\n")
    (tmp_path / "sketch_test.txt").write_text("22_1.svg\n")
    return tmp_path


@pytest.fixture
def chairv1(tmp_path):
    for part, names in (("train", "12"), ("test", "3")):
        for name in names:
            _photo(tmp_path / part / "images" / f"{name}.jpg")
            _drawing(tmp_path / part / "sketches" / f"{name}.png")
    return tmp_path


@pytest.fixture
def sketchy_full(tmp_path):
    pixels = tmp_path / "256x256"
    for category, name in (("sea_turtle", "n1_1"), ("sea_turtle", "n1_2"), ("cup", "n2_1")):
        _photo(pixels / "photo" / "tx_000000000000" / category / f"{name}.jpg")
        for k in (1, 2):
            _drawing(pixels / "sketch" / "tx_000000000000" / category / f"{name}-{k}.png")
    (tmp_path / "info").mkdir()
    (tmp_path / "info" / "testset.txt").write_text("sea_turtle/n1_2.jpg\ncup/n2_1.jpg\n")
    return tmp_path


@pytest.fixture
def fscoco(tmp_path):
    for drawer, name in (("1", "000000000009"), ("2", "000000000025")):
        _photo(tmp_path / "images" / drawer / f"{name}.jpg")
        _drawing(tmp_path / "raster_sketches" / drawer / f"{name}.jpg")
        path = tmp_path / "vector_sketches" / drawer / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = ROWS.copy()
        rows[-1, 2] = 2
        np.save(path, np.concatenate([rows, np.zeros((3, 3))]))
    (tmp_path / "val_normal.txt").write_text("25\n")
    return tmp_path
