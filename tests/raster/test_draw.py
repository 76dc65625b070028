import hashlib
import json
import subprocess
import sys

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH, draw, draw_batch, flatten
from inkseek.strokes.geometry import fit, flip, take_ink, take_points
from inkseek.strokes.sketch import Sketch

SAMPLES = 16
ERROR_LIMITS = {32: 2.0, 64: 1.0, 128: 0.5, 256: 0.3}
each_size = pytest.mark.parametrize("canvas_size", ERROR_LIMITS)

STROKES = st.integers(1, 6).flatmap(
    lambda n: hnp.arrays(np.float32, (n, 2), elements=st.integers(0, 255).map(np.float32))
)
DRAWINGS = st.lists(STROKES, min_size=1, max_size=5).map(tuple)
CANVASES = st.sampled_from([1, 7, 32, 64])
FRAME = (np.float32([[0, 0]]), np.float32([[255, 255]]))
"""Two dots that give every sketch with them the same bounds, and so the same place."""


def scribble(seed: int) -> Sketch:
    """Curved strokes, straight ones and a dot, as many as a person draws."""
    generator = np.random.default_rng(seed)
    turns = generator.normal(0, 0.5, (4, 20)).cumsum(axis=1) + generator.uniform(0, 6.3, (4, 1))
    steps = 8 * np.stack([np.cos(turns), np.sin(turns)], axis=2)
    curves = steps.cumsum(axis=1) + generator.uniform(40, 216, (4, 1, 2))
    lines = generator.uniform(0, 256, (2, 2, 2))
    dot = generator.uniform(0, 256, (1, 1, 2))
    strokes = [stroke.astype(np.float32) for stroke in (*curves, *lines, *dot)]
    return Sketch(tuple(strokes), 256.0)


@pytest.fixture(scope="module")
def quickdraw(data_root) -> list[Sketch]:
    """One Quick, Draw! sketch of every twentieth category."""
    sketches = []
    for path in sorted((data_root / "quickdraw" / "simplified").glob("*.ndjson"))[::20]:
        with path.open(encoding="utf-8") as file:
            drawing = json.loads(file.readline())["drawing"]
        sketches.append(Sketch(tuple(np.float32(stroke).T.copy() for stroke in drawing), 256.0))
    return sketches


def supersample(sketch: Sketch, canvas_size: int, pen_width: float = DEFAULT_PEN_WIDTH):
    """The share of 16 x 16 points in each pixel that the round pen covers."""
    side = canvas_size * SAMPLES
    radius = pen_width * canvas_size / 2
    inside = np.zeros((side, side), dtype=bool)
    for stroke in fit(sketch, float(canvas_size), DEFAULT_MARGIN).strokes:
        points = stroke.astype(np.float64)
        # A dot is a line from its point to its point, and so is the end of every stroke.
        for start, end in zip(points, [*points[1:], points[-1]], strict=True):
            low = np.floor((np.minimum(start, end) - radius) * SAMPLES).astype(int) - 1
            high = np.ceil((np.maximum(start, end) + radius) * SAMPLES).astype(int) + 1
            (left, top), (right, bottom) = np.clip([low, high], 0, side)
            x = (np.arange(left, right) + 0.5) / SAMPLES - start[0]
            y = ((np.arange(top, bottom) + 0.5) / SAMPLES - start[1])[:, None]
            dx, dy = end - start
            length2 = dx * dx + dy * dy
            t = np.clip((x * dx + y * dy) / length2, 0, 1) if length2 > 0 else 0.0
            inside[top:bottom, left:right] |= np.hypot(x - t * dx, y - t * dy) <= radius
    covered = inside.reshape(canvas_size, SAMPLES, canvas_size, SAMPLES).mean(axis=(1, 3))
    return 255 * (1 - covered)


def mean_error(sketches, canvas_size: int) -> float:
    images = draw_batch(sketches, canvas_size).astype(np.float64)
    references = np.stack([supersample(sketch, canvas_size) for sketch in sketches])
    return float(np.abs(images - references).mean())


@each_size
def test_is_close_to_a_supersampled_drawing(canvas_size):
    sketches = [scribble(seed) for seed in range(4)]
    assert mean_error(sketches, canvas_size) <= ERROR_LIMITS[canvas_size]


@pytest.mark.slow
@each_size
def test_is_close_to_a_supersampled_drawing_of_real_sketches(canvas_size, quickdraw):
    assert mean_error(quickdraw[: 1536 // canvas_size], canvas_size) <= ERROR_LIMITS[canvas_size]


def draw_with_cairo(cairo, sketch: Sketch, canvas_size: int):
    surface = cairo.ImageSurface(cairo.FORMAT_A8, canvas_size, canvas_size)
    pen = cairo.Context(surface)
    pen.set_antialias(cairo.ANTIALIAS_BEST)
    pen.set_line_cap(cairo.LINE_CAP_ROUND)
    pen.set_line_join(cairo.LINE_JOIN_ROUND)
    pen.set_line_width(DEFAULT_PEN_WIDTH * canvas_size)
    for stroke in fit(sketch, float(canvas_size), DEFAULT_MARGIN).strokes:
        pen.move_to(*stroke[0].tolist())
        for point in stroke[1:] if len(stroke) > 1 else stroke:
            pen.line_to(*point.tolist())
    pen.stroke()
    surface.flush()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(canvas_size, surface.get_stride())
    return 255 - rows[:, :canvas_size]


@each_size
def test_agrees_with_cairo(canvas_size):
    cairo = pytest.importorskip("cairo", reason="pycairo is not installed")
    sketches = [scribble(seed) for seed in range(8)]
    oracle = np.stack([draw_with_cairo(cairo, s, canvas_size) for s in sketches]).astype(float)
    error = np.abs(draw_batch(sketches, canvas_size) - oracle)
    assert error.mean() <= ERROR_LIMITS[canvas_size]


@given(DRAWINGS, CANVASES)
def test_a_batch_is_its_sketches_one_by_one(drawing, canvas_size):
    sketches = [Sketch(drawing[: i + 1], 256.0) for i in range(len(drawing))]
    batch = draw_batch([*sketches, Sketch((), 256.0)], canvas_size)
    for image, sketch in zip(batch, sketches, strict=False):
        np.testing.assert_array_equal(image, draw(sketch, canvas_size))
    assert (batch[-1] == 255).all()


@pytest.mark.slow
def test_another_process_draws_the_same_bits():
    stroke = np.float32([[0, 0], [13, 57], [100, 3], [41, 99]])
    code = f"""
import hashlib, numpy as np
from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch
image = draw(Sketch((np.float32({stroke.tolist()}),), 100.0), 64)
print(hashlib.sha256(image.tobytes()).hexdigest())
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    ours = hashlib.sha256(draw(Sketch((stroke,), 100.0), 64).tobytes()).hexdigest()
    assert done.stdout.strip() == ours


def test_agrees_pixel_for_pixel_with_the_formula_written_as_loops():
    sketch = scribble(5)
    width = 0.05 * 24
    expected = np.full((24, 24), 255)
    for stroke in fit(sketch, 24.0, DEFAULT_MARGIN).strokes:
        points = stroke.astype(np.float64)
        for start, end in zip(points, [*points[1:], points[-1]], strict=True):
            for row in range(24):
                for column in range(24):
                    pixel = np.array([column + 0.5, row + 0.5]) - start
                    way = end - start
                    t = np.clip(pixel @ way / (way @ way), 0, 1) if way.any() else 0.0
                    ink = min(max(width / 2 + 0.5 - np.hypot(*(pixel - t * way)), 0), 1, width)
                    expected[row, column] = min(expected[row, column], 255 - round(ink * 255))
    difference = np.abs(draw(sketch, 24, pen_width=0.05) - expected.astype(np.int64))
    # One grey level: `fit` rounds places to float32, the kernel does not.
    assert difference.max() <= 1


@pytest.mark.parametrize("pen_width", [1e-3, DEFAULT_PEN_WIDTH, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("canvas_size", [1, 5, 33])
def test_skips_no_pixel_that_a_line_of_any_slope_reaches(pen_width, canvas_size):
    # Each slope alone, with dots that keep the frame: a strip cut too narrow would show.
    for angle in np.linspace(0, np.pi, 61):
        arm = 120 * np.array([np.cos(angle), np.sin(angle)])
        line = (np.stack([-arm, arm]) + 127.5).astype(np.float32)
        image = draw(
            Sketch((*FRAME, line), 255.0), canvas_size, pen_width=pen_width, margin=0.0
        ).astype(np.int64)
        places = (np.arange(canvas_size) + 0.5) * 255 / canvas_size
        x, y = np.meshgrid(places, places)
        along = np.clip((x - 127.5) * arm[0] + (y - 127.5) * arm[1], -(120**2), 120**2) / 120**2
        distance = np.hypot(x - 127.5 - along * arm[0], y - 127.5 - along * arm[1])
        corners = np.minimum(np.hypot(x, y), np.hypot(x - 255, y - 255))
        width = pen_width * canvas_size
        reach = width / 2 + 0.5 - np.minimum(distance, corners) * canvas_size / 255
        expected = 255 - np.floor(np.clip(reach, 0, min(width, 1)) * 255 + 0.5)
        assert np.abs(image - expected).max() <= 1


@given(st.lists(STROKES, max_size=4), CANVASES)
def test_a_sketch_is_the_union_of_its_strokes(strokes, canvas_size):
    whole = draw(Sketch((*FRAME, *strokes), 256.0), canvas_size)
    parts = [draw(Sketch((*FRAME, stroke), 256.0), canvas_size) for stroke in strokes]
    frame = draw(Sketch(FRAME, 256.0), canvas_size)
    np.testing.assert_array_equal(whole, np.min([frame, *parts], axis=0))


@given(DRAWINGS, st.floats(0.05, 1.0), CANVASES)
def test_ink_only_grows_as_points_are_drawn(drawing, share, canvas_size):
    sketch = Sketch(drawing, 256.0)
    part = Sketch((*FRAME, *take_points(sketch, share).strokes), 256.0)
    whole = Sketch((*FRAME, *drawing), 256.0)
    # A stroke of which one point is drawn so far is a dot, and that dot begins its line.
    assert (draw(part, canvas_size) >= draw(whole, canvas_size)).all()


@given(DRAWINGS, st.floats(0.05, 1.0), CANVASES)
def test_ink_only_grows_as_the_pen_moves(drawing, share, canvas_size):
    part = take_ink(Sketch(drawing, 256.0), share)
    before = draw(Sketch((*FRAME, *part.strokes), 256.0), canvas_size).astype(int)
    after = draw(Sketch((*FRAME, *drawing), 256.0), canvas_size)
    # One grey level: the point where the pen stands is rounded to float32.
    assert (before - after >= -1).all()


@given(DRAWINGS, CANVASES)
def test_mirroring_the_sketch_mirrors_the_drawing(drawing, canvas_size):
    image = draw(Sketch(drawing, 256.0), canvas_size).astype(int)
    mirrored = draw(flip(Sketch(drawing, 256.0)), canvas_size)
    assert np.abs(image[:, ::-1] - mirrored).max() <= 1


@given(DRAWINGS, CANVASES)
def test_neither_place_nor_scale_of_a_sketch_matters(drawing, canvas_size):
    moved = tuple(stroke * 4 + np.float32([512, -256]) for stroke in drawing)
    image = draw(Sketch(drawing, 256.0), canvas_size).astype(int)
    assert np.abs(draw(Sketch(moved, 3000.0), canvas_size) - image).max() <= 1


@given(DRAWINGS, CANVASES)
def test_the_direction_of_a_stroke_does_not_matter(drawing, canvas_size):
    image = draw(Sketch(drawing, 256.0), canvas_size).astype(int)
    backwards = Sketch(tuple(stroke[::-1].copy() for stroke in drawing), 256.0)
    assert np.abs(draw(backwards, canvas_size) - image).max() <= 1


def test_an_empty_sketch_is_blank():
    assert (draw(Sketch((), 256.0), 32) == 255).all()


def test_an_empty_batch_has_no_images():
    assert draw_batch([], 32).shape == (0, 32, 32)


def test_a_dot_is_a_round_spot_in_the_middle():
    image = draw(Sketch((np.float32([[7, 9]]),), 16.0), 33, pen_width=5 / 33)
    y, x = np.mgrid[:33, :33] - 16
    expected = 255 - np.floor(np.clip(3 - np.hypot(x, y), 0, 1) * 255 + 0.5)
    np.testing.assert_array_equal(image, expected)


def test_points_that_coincide_are_a_dot():
    dot = Sketch((np.float32([[7, 9]]),), 16.0)
    same = Sketch((np.float32([[7, 9]] * 3),), 16.0)
    np.testing.assert_array_equal(draw(same, 32), draw(dot, 32))


@pytest.mark.parametrize(("width", "rows"), [(1, [255]), (3, [255] * 3), (2, [128, 255, 128])])
def test_a_level_line_covers_its_rows_exactly(width, rows):
    line = Sketch((np.float32([[0, 0], [100, 0]]),), 100.0)
    image = draw(line, 31, pen_width=width / 31, margin=0.0)
    np.testing.assert_array_equal(255 - image[:, 15], np.pad(rows, (31 - len(rows)) // 2))


def test_a_pen_thinner_than_a_pixel_is_grey():
    line = Sketch((np.float32([[0, 0], [100, 0]]),), 100.0)
    image = draw(line, 31, pen_width=0.25 / 31, margin=0.0)
    assert (255 - image[:, 15]).tolist() == [0] * 15 + [64] + [0] * 15


def test_the_longer_axis_fills_the_canvas_up_to_the_margin():
    box = Sketch((np.float32([[0, 0], [100, 0], [100, 50], [0, 50], [0, 0]]),), 100.0)
    image = draw(box, 40, pen_width=1 / 40, margin=0.1)
    rows, columns = np.nonzero(image < 255)
    assert (columns.min(), columns.max()) == (3, 36)
    assert (rows.min(), rows.max()) == (11, 28)


def test_strokes_look_alike_at_every_canvas_size():
    shares = [(255 - draw(scribble(1), side).astype(float)).mean() for side in ERROR_LIMITS]
    assert max(shares) / min(shares) < 1.1


def test_flattening_tells_where_strokes_and_sketches_end():
    line, dot = np.float32([[0, 0], [1, 1]]), np.float32([[2, 2]])
    points, stroke_ends, sketch_ends = flatten(
        [Sketch((line, dot), 8.0), Sketch((), 8.0), Sketch((dot,), 8.0)]
    )
    assert points.tolist() == [[0, 0], [1, 1], [2, 2], [2, 2]]
    assert stroke_ends.tolist() == [2, 3, 4]
    assert sketch_ends.tolist() == [2, 2, 3]


@pytest.mark.parametrize(
    ("canvas_size", "options", "message"),
    [
        (0, {}, "canvas_size is 0, but must be at least 1 pixel"),
        (8, {"pen_width": 0.0}, r"pen_width 0.0 must lie in \(0, 1\]"),
        (8, {"pen_width": 1.5}, r"pen_width 1.5 must lie in \(0, 1\]"),
        (8, {"margin": 0.5}, r"margin 0.5 in \[0, 0.5\)"),
        (8, {"margin": -0.1}, r"margin -0.1 in \[0, 0.5\)"),
    ],
)
def test_options_out_of_range_are_errors(canvas_size, options, message):
    with pytest.raises(SketchFormatError, match=message):
        draw(scribble(0), canvas_size, **options)


@pytest.mark.parametrize("canvas_size", [32, 96])
def test_placed_strokes_stay_where_they_lie(canvas_size):
    sketch = fit(scribble(5), 1.0, DEFAULT_MARGIN)
    whole = draw_batch([sketch], canvas_size, placed=True)[0]
    np.testing.assert_allclose(
        whole.astype(int), draw(scribble(5), canvas_size).astype(int), atol=1
    )
    alone = [Sketch((stroke,), 1.0) for stroke in sketch.strokes]
    together = draw_batch(alone, canvas_size, placed=True).min(axis=0)
    np.testing.assert_array_equal(together, whole)
