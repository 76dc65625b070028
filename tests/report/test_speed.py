import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.report import speed
from inkseek.report.speed import Speed


@pytest.mark.parametrize(
    ("value", "unit", "target", "limit", "ratio", "meets_target"),
    [
        (2.0, "ms", 4.0, 1.0, 2.0, True),
        (5.0, "ms", 4.0, 1.0, 5.0, False),
        (50.0, "1/s", 80.0, 100.0, 2.0, False),
        (80.0, "1/s", 80.0, 100.0, 1.25, True),
        (9.0, "MiB", None, 3.0, 3.0, True),
    ],
)
def test_a_ratio_is_cost_over_cost_at_the_limit(value, unit, target, limit, ratio, meets_target):
    figure = Speed("x", value, unit, target, limit, "y")
    assert figure.ratio == pytest.approx(ratio)
    assert figure.meets_target is meets_target


def test_random_sketches_are_the_same_for_the_same_generator():
    first, second = (
        speed.draw_random_sketches(3, generator=np.random.default_rng(4)) for _ in range(2)
    )
    assert first[2].num_points == 96
    np.testing.assert_array_equal(first[2].strokes[7], second[2].strokes[7])


@pytest.mark.slow
def test_a_small_gallery_is_filled_searched_and_measured(tiny_model, tmp_path):
    encoder = Encoder.load(tiny_model)
    url = str(tmp_path / "gallery")
    sketch = tmp_path / "sketch.svg"
    sketch.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0 L9 9"/></svg>')
    speed.fill_gallery(url, encoder, 300)
    figures = [
        speed.time_embedding(encoder),
        *speed.time_queries(url, encoder, 300),
        speed.time_cold_search(url, str(tiny_model), sketch, "300 photos"),
        speed.measure_memory(url, encoder, str(tiny_model), sketch, 300),
    ]
    assert [figure.value > 0 and figure.limit > 0 for figure in figures] == [True] * 5
