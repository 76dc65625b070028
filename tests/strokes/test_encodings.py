import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.strokes.encodings import (
    from_absolute5,
    from_stroke3,
    from_stroke5,
    to_absolute5,
    to_stroke3,
    to_stroke5,
)
from inkseek.strokes.sketch import Sketch

PIXELS = st.integers(-799, 1600).map(np.float32)
FRACTIONS = st.floats(0, 800, width=32).map(np.float32)
CANVASES = st.sampled_from([1.0, 48.0, 72.0, 255.0, 256.0, 800.0, 1023.5])


def drawings(coordinates):
    strokes = st.integers(1, 20).flatmap(
        lambda n: hnp.arrays(np.float32, (n, 2), elements=coordinates)
    )
    return st.lists(strokes, max_size=6).map(tuple)


def assert_same(a: Sketch, b: Sketch, atol: float = 0.0):
    assert len(a.strokes) == len(b.strokes)
    assert a.canvas_size == b.canvas_size
    for s, t in zip(a.strokes, b.strokes, strict=True):
        np.testing.assert_allclose(s, t, rtol=0, atol=atol)


@given(drawings(PIXELS))
def test_stroke3_of_whole_pixels_comes_back_exactly(drawing):
    sketch = Sketch(drawing, 800.0)
    assert_same(from_stroke3(to_stroke3(sketch), canvas_size=800.0), sketch)


@given(drawings(FRACTIONS))
def test_stroke3_of_any_point_comes_back_within_half_of_2_to_the_minus_24(drawing):
    sketch = Sketch(drawing, 800.0)
    back = from_stroke3(to_stroke3(sketch), canvas_size=800.0)
    assert_same(back, sketch, atol=1024 * 2.0**-25)
    np.testing.assert_array_equal(to_stroke3(back), to_stroke3(sketch))


def test_errors_do_not_add_up_over_a_long_sketch(generator):
    strokes = (generator.uniform(0, 256, (10_000, 2)).astype(np.float32),)
    back = from_stroke3(to_stroke3(Sketch(strokes, 256.0)), canvas_size=256.0)
    assert np.abs(back.strokes[0] - strokes[0]).max() <= 256 * 2.0**-25


@given(drawings(PIXELS), st.integers(0, 5))
def test_stroke5_comes_back_with_and_without_padding(drawing, padding):
    rows = to_stroke3(Sketch(drawing, 800.0))
    padded = to_stroke5(rows, length=len(rows) + padding)
    np.testing.assert_array_equal(padded[:, 2:].sum(axis=1), 1)
    np.testing.assert_array_equal(from_stroke5(padded), rows)


@given(drawings(st.integers(-799 * 64, 1600 * 64).map(lambda n: np.float32(n / 64))), CANVASES)
def test_absolute5_of_pixel_fractions_comes_back_exactly_on_any_canvas(drawing, canvas_size):
    sketch = Sketch(drawing, max(canvas_size, 255.0))
    rows = to_absolute5(sketch, length=sketch.num_points + 2)
    assert_same(from_absolute5(rows, canvas_size=sketch.canvas_size), sketch)


@given(drawings(st.floats(-1000, 1000, width=32).map(np.float32)))
def test_absolute5_of_any_point_comes_back_exactly_from_a_canvas_of_256(drawing):
    # Dividing by a power of two is exact, except where the result underflows.
    drawing = tuple(np.where(np.abs(stroke) < 1e-30, 0, stroke) for stroke in drawing)
    sketch = Sketch(drawing, 256.0)
    assert_same(from_absolute5(to_absolute5(sketch), canvas_size=256.0), sketch)


@given(drawings(FRACTIONS))
def test_absolute5_of_any_point_comes_back_within_half_a_step_of_the_grid(drawing):
    sketch = Sketch(drawing, 800.0)
    back = from_absolute5(to_absolute5(sketch), canvas_size=800.0)
    assert_same(back, sketch, atol=1024 * (2.0**-23 + 2.0**-24))


def test_stroke3_of_two_strokes():
    sketch = Sketch((np.float32([[1, 2], [4, 6]]), np.float32([[0, 0]])), 8.0)
    np.testing.assert_array_equal(to_stroke3(sketch), [[1, 2, 0], [3, 4, 1], [-4, -6, 1]])


def test_stroke5_of_two_strokes_and_one_row_of_padding():
    rows = np.float32([[1, 2, 0], [3, 4, 1], [-4, -6, 1]])
    expected = [[1, 2, 1, 0, 0], [3, 4, 0, 1, 0], [-4, -6, 0, 1, 0], [0, 0, 0, 0, 1]]
    np.testing.assert_array_equal(to_stroke5(rows, length=4), expected)


def test_absolute5_of_two_strokes_and_one_row_of_padding():
    sketch = Sketch((np.float32([[1, 2], [4, 6]]), np.float32([[8, 0]])), 8.0)
    expected = [
        [0.125, 0.25, 1, 0, 0],
        [0.5, 0.75, 0, 1, 0],
        [1, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
    ]
    np.testing.assert_array_equal(to_absolute5(sketch, length=4), expected)


def test_absolute5_means_the_same_at_every_canvas_size():
    rows = to_absolute5(Sketch((np.float32([[10, 20], [40, 60]]),), 80.0))
    np.testing.assert_array_equal(
        from_absolute5(rows, canvas_size=8.0).strokes[0], [[1, 2], [4, 6]]
    )


def test_an_unlifted_last_point_still_ends_its_stroke():
    sketch = from_stroke3(np.float32([[1, 1, 1], [1, 0, 0], [1, 0, 0]]), canvas_size=8.0)
    assert [len(stroke) for stroke in sketch.strokes] == [1, 2]


def test_rows_after_the_first_end_state_are_ignored():
    rows = np.float32([[0.5, 0.5, 0, 1, 0], [0, 0, 0, 0, 1], [0.9, 0.9, 1, 0, 0]])
    assert from_absolute5(rows, canvas_size=8.0).num_points == 1
    assert len(from_stroke5(rows)) == 1


@pytest.mark.parametrize("encode", [to_stroke3, to_absolute5])
def test_an_empty_sketch_has_no_rows(encode):
    assert len(encode(Sketch((), 8.0))) == 0


def test_too_long_a_sketch_says_what_to_do():
    with pytest.raises(SketchFormatError, match=r"3 points but stroke-5 length is 2; simplify"):
        to_stroke5(np.zeros((3, 3), np.float32), length=2)
    with pytest.raises(SketchFormatError, match=r"3 points but stroke-5 length is 2; simplify"):
        to_absolute5(Sketch((np.zeros((3, 2), np.float32),), 8.0), length=2)
