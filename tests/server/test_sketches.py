import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.server.metrics import Metrics
from inkseek.server.schema import MAX_POINTS, DrawnSketch
from inkseek.server.sketches import embed_timed, to_sketch
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


def test_embeds_as_the_encoder_does(searcher, generator, monkeypatch):
    sketches = [
        Sketch((generator.uniform(0, 9, (5, 2)).astype(np.float32),), 9.0) for _ in range(4)
    ]
    encoder = searcher.encoder
    embedded = embed_timed(encoder, sketches, Metrics())
    np.testing.assert_array_equal(embedded.rows, encoder.embed_sketches(sketches))
    assert min(embedded.select, embedded.raster, embedded.encode) > 0


def test_an_empty_sketch_is_refused(searcher):
    with pytest.raises(SketchFormatError, match="is empty"):
        embed_timed(searcher.encoder, [Sketch((), 9.0)], Metrics())
