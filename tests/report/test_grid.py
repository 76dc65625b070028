import numpy as np
import pytest
from PIL import Image, ImageFont

from inkseek.report.grid import ACCENT, GridLayout, _fit_text, draw_grid
from inkseek.search import Hit
from inkseek.strokes.sketch import Sketch

LAYOUT = GridLayout(columns=3, photo_size=120)


@pytest.fixture
def sketch():
    return Sketch((np.float32([[0, 0], [90, 40], [20, 80]]),), canvas_size=100.0)


@pytest.fixture
def photo(tmp_path):
    """A red photo, wider than high."""
    path = tmp_path / "red.png"
    Image.new("RGB", (80, 40), (200, 10, 10)).save(path)
    return path


def make_hit(path, confidence=0.5):
    return Hit(path=str(path), photo_id="ab", similarity=0.7, confidence=confidence, duplicates=())


def count_pixels(picture, colour):
    return int((np.asarray(picture) == colour).all(axis=-1).sum())


@pytest.mark.parametrize(
    ("num_hits", "columns", "rows"), [(0, 2, 1), (2, 3, 1), (3, 4, 1), (7, 4, 3)]
)
def test_grows_with_the_hits(sketch, photo, num_hits, columns, rows):
    picture = draw_grid(sketch, [make_hit(photo)] * num_hits, LAYOUT)
    assert picture.width == LAYOUT.gap + columns * (LAYOUT.card_width + LAYOUT.gap)
    assert picture.height == LAYOUT.gap + rows * (LAYOUT.card_height + LAYOUT.gap)


def test_shows_each_photo_whole_and_in_its_shape(sketch, photo):
    picture = draw_grid(sketch, [make_hit(photo)] * 2, LAYOUT)
    assert count_pixels(picture, (200, 10, 10)) == pytest.approx(2 * 120 * 60, rel=0.02)


def test_the_bar_is_as_long_as_the_confidence(sketch, photo):
    empty, half, full = (
        count_pixels(draw_grid(sketch, [make_hit(photo, c)], LAYOUT), ACCENT)
        for c in (0.0, 0.5, 1.0)
    )
    assert half - empty == pytest.approx((full - empty) / 2, rel=0.1)


def test_a_photo_that_is_gone_keeps_its_place(sketch, photo, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    hits = [make_hit(tmp_path / "gone.jpg"), make_hit(broken), make_hit(photo)]
    picture = draw_grid(sketch, hits, LAYOUT)
    right = picture.crop((picture.width - LAYOUT.card_width - LAYOUT.gap, 0, *picture.size))
    assert count_pixels(right, (200, 10, 10)) > 0


def test_a_long_name_loses_its_middle():
    font = ImageFont.load_default(15)
    text = _fit_text("1  a-very-long-name-of-a-photo-from-2019.jpeg", font, 120)
    assert font.getlength(text) <= 120
    assert text.startswith("1  a")
    assert text.endswith(".jpeg")
    assert _fit_text("1  a.jpg", font, 120) == "1  a.jpg"
