import numpy as np
import pytest

from inkseek.errors import DatasetError
from inkseek.metrics.interval import Interval, bootstrap_interval


def interval_of(values, **options) -> Interval:
    return bootstrap_interval(values, generator=np.random.default_rng(0), **options)


def test_constant_values_have_no_width():
    found = interval_of(np.full(20, 0.25))
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_width_agrees_with_the_normal_approximation():
    hits = np.arange(400) % 2 == 0
    found = interval_of(hits)
    half_width = 1.96 * np.sqrt(0.25 / 400)
    assert found.mean == 0.5
    assert found.high - 0.5 == pytest.approx(half_width, rel=0.1)
    assert 0.5 - found.low == pytest.approx(half_width, rel=0.1)


def test_a_higher_level_is_wider():
    values = np.random.default_rng(1).random(60)
    narrow, wide = interval_of(values, level=0.5), interval_of(values, level=0.99)
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


def test_queries_of_one_photo_count_as_one_draw():
    hits = np.repeat(np.arange(40) % 2, 5).astype(float)
    photos = np.repeat(np.arange(40), 5).tolist()
    clustered, by_photo = interval_of(hits, clusters=photos), interval_of(hits[::5])
    naive = interval_of(hits)
    width = clustered.high - clustered.low
    assert width == pytest.approx(by_photo.high - by_photo.low, rel=0.1)
    assert width == pytest.approx((naive.high - naive.low) * np.sqrt(5), rel=0.15)


def test_the_mean_is_over_queries_when_clusters_differ_in_size():
    found = interval_of(np.array([1.0, 1.0, 1.0, 0.0]), clusters=["a", "a", "a", "b"])
    assert found.mean == 0.75


@pytest.mark.slow
def test_covers_the_true_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(3)
    covered = 0
    for _ in range(100):
        found = bootstrap_interval(generator.random(50) < 0.3, generator=generator, level=0.9)
        covered += found.low <= 0.3 <= found.high
    assert 0.82 <= covered / 100 <= 0.98


def test_the_same_generator_gives_the_same_interval():
    values = np.random.default_rng(2).random(30)
    assert interval_of(values) == interval_of(values)


def test_prints_as_mean_and_range():
    assert str(Interval(0.5, 0.4, 0.6125, 0.95)) == "0.500 [0.400, 0.613]"


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.zeros(0), {}, "there are no values"),
        (np.zeros(3), {"level": 95.0}, "level is 95.0"),
        (np.zeros(3), {"clusters": ["a", "b"]}, "3 values have 2 clusters"),
    ],
)
def test_says_what_is_wrong(values, options, message):
    with pytest.raises(DatasetError, match=message):
        interval_of(values, **options)
