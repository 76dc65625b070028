import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.errors import SketchFormatError
from inkseek.server.metrics import Metrics
from inkseek.server.schema import MAX_POINTS, DrawnSketch
from inkseek.server.sketches import MAX_DRAWN_STROKES, embed_timed, to_sketch, to_unit_canvas
from inkseek.strokes.sketch import Sketch


def test_times_and_pressures_and_empty_strokes_are_passed_over():
    drawn = DrawnSketch(canvas_size=9, strokes=[[], [[1, 2, 3, 0.5], [4, 5, 6, 0.5]]])
    sketch = to_sketch(drawn)
    assert len(sketch.strokes) == 1
    np.testing.assert_array_equal(sketch.strokes[0], [[1, 2], [4, 5]])


def test_too_many_points_are_refused():
    drawn = DrawnSketch(canvas_size=9, strokes=[[[0, 0]] * MAX_POINTS, [[0, 0]]])
    with pytest.raises(SketchFormatError, match=f"{MAX_POINTS + 1} points"):
        to_sketch(drawn)


def test_the_model_that_draws_sees_a_canvas_of_side_one():
    sketch = to_unit_canvas(DrawnSketch(canvas_size=8, strokes=[[], [[4, 2, 3, 0.5], [-8, 8]]]))
    assert sketch.canvas_size == 1
    np.testing.assert_array_equal(np.concatenate(sketch.strokes), [[0.5, 0.25], [-1, 1]])


@pytest.mark.parametrize("count", [0, MAX_DRAWN_STROKES + 1])
def test_too_little_and_too_much_for_the_model_that_draws_are_refused(count):
    with pytest.raises(
        SketchFormatError, match=f"has {count} strokes, but 1 to {MAX_DRAWN_STROKES}"
    ):
        to_unit_canvas(DrawnSketch(canvas_size=8, strokes=[[[0, 1]]] * count))


@pytest.mark.parametrize("canvas_size", [1e-320, 1e-6, 0.001])
def test_a_drawing_far_from_its_canvas_is_refused(canvas_size):
    far = DrawnSketch(canvas_size=canvas_size, strokes=[[[0, 0], [0, 9]]])
    with pytest.raises(SketchFormatError, match="scale the drawing to its canvas"):
        to_unit_canvas(far)


def test_embeds_as_the_encoder_does(searcher, generator, monkeypatch):
    sketches = [
        Sketch((generator.uniform(0, 9, (5, 2)).astype(np.float32),), 9.0) for _ in range(4)
    ]
    encoder = searcher.encoder
    embedded = embed_timed(encoder, sketches, Metrics())
    np.testing.assert_array_equal(embedded.rows, encoder.embed_sketches(sketches))
    assert min(embedded.select, embedded.raster, embedded.encode) > 0
    assert embedded.choice is None


def test_a_model_that_chooses_says_which_canvas_and_what_it_took(choosing_model, generator):
    sketches = [
        Sketch((generator.uniform(0, 9, (n, 2)).astype(np.float32),), 9.0) for n in (2, 5, 9, 40)
    ]
    encoder = Encoder.load(choosing_model)
    embedded = embed_timed(encoder, sketches, Metrics())
    expected = encoder.choose(sketches)
    np.testing.assert_array_equal(embedded.choice.sizes, expected.sizes)
    assert len({*expected.sizes.tolist()}) > 1
    for i, one in enumerate(embedded.split()):
        np.testing.assert_array_equal(one.rows[0], embedded.rows[i])
        assert one.choice.sizes.tolist() == [expected.sizes[i]]
        assert one.choice.gflops.tolist() == [expected.gflops[i]]
        assert one.encode == pytest.approx(embedded.encode / 4)


def test_an_empty_sketch_is_refused(searcher):
    with pytest.raises(SketchFormatError, match="is empty"):
        embed_timed(searcher.encoder, [Sketch((), 9.0)], Metrics())
