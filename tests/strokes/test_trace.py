import json

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.raster.draw import DEFAULT_MARGIN, draw
from inkseek.strokes.geometry import fit, resample, stroke_lengths
from inkseek.strokes.sketch import Sketch
from inkseek.strokes.trace import MAX_SIDE, trace, trace_edges

SIDE = 256
SMALL_ERROR = 3.5
"""A pixel path sits up to half a pixel beside its line; a shift by one pixel costs the face 9.5."""

BLANK = np.full((SIDE, SIDE), 255, dtype=np.uint8)


def circle(x: float, y: float, radius: float):
    turn = np.linspace(0, 2 * np.pi, 60)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


@pytest.fixture(scope="module")
def face() -> Sketch:
    """A head, two eyes, a mouth, and hair that crosses the outline."""
    strokes = (
        circle(128, 128, 90),
        circle(95, 105, 14),
        circle(160, 105, 14),
        np.array([[85, 165], [105, 185], [128, 192], [150, 185], [170, 165]]),
        np.array([[100, 20], [110, 60]]),
        np.array([[150, 15], [140, 62]]),
    )
    return Sketch(tuple(stroke.astype(np.float32) for stroke in strokes), 256.0)


@pytest.fixture(scope="module")
def drawing(face) -> np.ndarray:
    return draw(face, SIDE)


@pytest.fixture(scope="module")
def quickdraw(data_root) -> list[Sketch]:
    """One Quick, Draw! sketch of every fortieth category."""
    sketches = []
    for path in sorted((data_root / "quickdraw" / "simplified").glob("*.ndjson"))[::40]:
        with path.open(encoding="utf-8") as file:
            strokes = json.loads(file.readline())["drawing"]
        sketches.append(Sketch(tuple(np.float32(s).T.copy() for s in strokes), 256.0))
    return sketches


def shade(image: np.ndarray) -> np.ndarray:
    """A lamp at the upper left: the far corner gets 45 % of the light."""
    fall = np.linspace(0, 0.275, SIDE)
    return (image * (1 - fall[:, None] - fall)).astype(np.uint8)


def difference(one: Sketch, other: Sketch) -> float:
    """Mean absolute difference of two sketches drawn on 128 pixels, of 255."""
    return float(np.abs(draw(one, 128).astype(float) - draw(other, 128)).mean())


def measure_ink(sketch: Sketch) -> float:
    return float(stroke_lengths(sketch).sum())


def test_a_traced_drawing_redraws_like_the_sketch(face, drawing):
    assert difference(trace(drawing), face) < SMALL_ERROR


def test_traced_lines_lie_within_half_a_pixel_of_those_drawn(face, drawing):
    traced = np.concatenate(resample(trace(drawing), 1.0).strokes)
    drawn = np.concatenate(resample(fit(face, float(SIDE), DEFAULT_MARGIN), 1.0).strokes)
    distances = np.hypot(*(traced[:, None] - drawn).transpose(2, 0, 1))
    assert distances.min(axis=1).mean() < 0.5
    assert distances.min(axis=0).mean() < 0.5
    assert max(distances.min(axis=1).max(), distances.min(axis=0).max()) < 2


def test_traced_real_sketches_redraw_like_themselves(quickdraw):
    errors = [difference(trace(draw(sketch, SIDE)), sketch) for sketch in quickdraw]
    blank = np.mean([255 - draw(sketch, 128).astype(float).mean() for sketch in quickdraw])
    assert np.mean(errors) < 0.35 * blank


def test_a_line_is_traced_as_one_stroke_as_long_as_itself():
    line = Sketch((np.float32([[0, 0], [100, 40]]),), 256.0)
    traced = trace(draw(line, SIDE))
    assert len(traced.strokes) == 1
    # The margin leaves 7/8 of the canvas for the width of 100.
    expected = np.hypot(100, 40) * SIDE * 7 / 8 / 100
    assert measure_ink(traced) == pytest.approx(expected, rel=0.03)


def test_a_crossing_is_walked_straight_on():
    cross = Sketch((np.float32([[0, 0], [100, 100]]), np.float32([[100, 0], [0, 100]])), 256.0)
    traced = trace(draw(cross, SIDE))
    longest = np.sort(stroke_lengths(traced))[::-1]
    diagonal = np.sqrt(2) * SIDE * 7 / 8
    assert longest[0] == pytest.approx(diagonal, rel=0.05)


def test_a_closed_line_is_traced_all_around():
    ring = Sketch((circle(0, 0, 50).astype(np.float32),), 256.0)
    traced = trace(draw(ring, SIDE))
    # Pixel paths have corners, so that they are a little longer than the circle.
    assert measure_ink(traced) == pytest.approx(np.pi * SIDE * 7 / 8, rel=0.06)


def test_white_ink_on_black_gives_the_same_strokes(drawing):
    dark, light = trace(drawing), trace(255 - drawing)
    assert len(dark.strokes) == len(light.strokes)
    for one, other in zip(dark.strokes, light.strokes, strict=True):
        np.testing.assert_array_equal(one, other)


def test_uneven_light_gives_about_the_same_strokes(drawing):
    even, uneven = trace(drawing), trace(shade(drawing))
    assert difference(even, uneven) < 2.0
    assert measure_ink(uneven) == pytest.approx(measure_ink(even), rel=0.05)


def test_faint_ink_is_found(face, drawing):
    faint = (255 - (255 - drawing.astype(int)) // 3).astype(np.uint8)
    assert difference(trace(faint), face) < SMALL_ERROR


def test_grain_of_the_paper_is_no_ink(face, drawing, generator):
    grain = generator.normal(-12, 4, drawing.shape)
    noisy = np.clip(drawing + grain, 0, 255).astype(np.uint8)
    assert difference(trace(noisy), face) < SMALL_ERROR


def test_points_lie_on_the_canvas_of_the_drawing(drawing):
    traced = trace(drawing[:, 20:-30])
    points = np.concatenate(traced.strokes)
    assert traced.canvas_size == SIDE
    assert (points >= 0).all()
    assert (points <= [SIDE - 50, SIDE]).all()


def test_a_large_drawing_is_reduced_first(face):
    traced = trace(draw(face, 2 * MAX_SIDE))
    assert traced.canvas_size == MAX_SIDE
    assert difference(traced, face) < SMALL_ERROR


@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_blank_page_says_so(level):
    with pytest.raises(SketchFormatError, match="the drawing is blank"):
        trace(np.full((SIDE, SIDE), level, dtype=np.uint8))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (40, 2)])
def test_a_tiny_page_is_blank_too(shape):
    with pytest.raises(SketchFormatError, match="the drawing is blank"):
        trace(np.full(shape, 255, dtype=np.uint8))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_photo_has_no_edges(level):
    photo = np.full((SIDE, SIDE), level, dtype=np.uint8)
    sketch = trace_edges(photo)
    assert sketch.strokes == ()
    assert sketch.canvas_size == SIDE


def test_edges_of_a_photo_follow_its_outline():
    photo = BLANK.copy()
    photo[60:200, 80:180] = 60
    sketch = trace_edges(photo)
    points = np.concatenate(sketch.strokes)
    left, top = np.abs(points[:, 0] - 80), np.abs(points[:, 1] - 60)
    right, bottom = np.abs(points[:, 0] - 180), np.abs(points[:, 1] - 200)
    assert np.min([left, top, right, bottom], axis=0).max() < 6
    assert measure_ink(sketch) == pytest.approx(2 * (100 + 140), rel=0.15)


def test_edges_shorter_than_the_least_length_are_left_out():
    photo = BLANK.copy()
    photo[100:104, 100:104] = 0
    assert trace_edges(photo, min_length=60).strokes == ()
