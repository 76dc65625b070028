import math
from itertools import pairwise

import numpy as np
import pytest

from inkseek.errors import LimitError, SketchFormatError
from inkseek.strokes.readers.svg_outlines import read_outlines


def outlines(body, canvas='viewBox="0 0 100 100"'):
    read = read_outlines(
        f"<svg {canvas} xmlns:xlink='http://www.w3.org/1999/xlink'>{body}</svg>".encode(),
        "test.svg",
    )
    return np.split(read.points, np.cumsum(read.lengths)[:-1]) if read.lengths else []


def distance_to_polyline(point, line):
    best = math.inf
    for start, end in pairwise(line):
        way = end - start
        t = np.clip(np.dot(point - start, way) / max(np.dot(way, way), 1e-12), 0, 1)
        best = min(best, float(np.linalg.norm(start + t * way - point)))
    return best


def half_circle(t):
    return 50 + 50 * math.cos(math.pi * t), 50 + 50 * math.sin(math.pi * t)


def test_shapes_are_outlines():
    rect, circle, polygon, polyline = outlines(
        '<rect x="1" y="2" width="3" height="4"/><circle cx="50" cy="50" r="10"/>'
        '<polygon points="0 0 5 0 5 5"/><polyline points="0 0 5 0 5 5" stroke="red"/>'
    )
    assert {tuple(p) for p in rect} == {(1, 2), (4, 2), (4, 6), (1, 6)}
    np.testing.assert_allclose(np.hypot(*(circle - 50).T), 10, atol=0.2)
    assert len(polygon) == 4
    assert len(polyline) == 3


@pytest.mark.parametrize(
    ("path", "curve"),
    [
        ("M0 0C0 100 100 100 100 0", lambda t: (300 * t * t - 200 * t**3, 300 * t - 300 * t * t)),
        ("M0 0Q50 100 100 0", lambda t: (100 * t, 200 * t * (1 - t))),
        ("M100 50A50 50 0 0 1 0 50", half_circle),
    ],
)  # fmt: skip
def test_curves_stay_within_half_a_percent_of_the_canvas(path, curve):
    [line] = outlines(f'<path d="{path}"/>')
    for t in np.linspace(0, 1, 101):
        assert distance_to_polyline(np.array(curve(t)), line) < 0.5
    assert len(line) < 40


def test_transforms_nest_and_skewed_arcs_stay_exact():
    [line] = outlines(
        '<g transform="translate(10 20)"><g transform="skewX(45) scale(2 1)">'
        '<circle r="5" transform="translate(3 0)"/></g></g>'
    )
    x, y = (line - [10, 20]).T
    np.testing.assert_allclose(np.hypot((x - y) / 2 - 3, y), 5, atol=0.2)


def test_use_and_symbol_are_followed():
    first, second = outlines(
        '<defs><path id="p" d="M0 0h5" stroke="red"/></defs>'
        '<symbol id="s" viewBox="0 0 10 10"><path d="M0 0h10"/></symbol>'
        '<use href="#p" x="10" y="10"/><use xlink:href="#s" x="50" width="20" height="20"/>'
    )
    np.testing.assert_allclose(first, [[10, 10], [15, 10]])
    np.testing.assert_allclose(second, [[50, 0], [70, 0]])


@pytest.mark.parametrize(
    "body",
    [
        '<g display="none"><path d="M0 0h5"/></g>',
        '<path d="M0 0h5" style="display: none"/>',
        '<g visibility="hidden"><path d="M0 0h5"/></g>',
        '<style>.a, b {display: none}</style><path class="a" d="M0 0h5"/>',
        '<path d="M0 0h24v24H0z" fill="none"/>',
        '<path d="M0 0h24v24H0z" fill="transparent" stroke="transparent"/>',
        '<rect width="100" height="100" fill="white"/>',
        '<rect width="100%" height="100%" fill="white"/>',
        '<clipPath id="c"><path d="M0 0h5"/></clipPath>',
        '<defs><path d="M0 0h5"/></defs><symbol><path d="M0 0h5"/></symbol>',
        '<use href="#missing"/><use href="other.svg#p"/>',
        '<circle r="0"/>',
    ],
)
def test_what_is_not_seen_is_no_line(body):
    assert outlines(body) == []


def test_a_path_may_continue_after_it_closes():
    first, second = outlines('<path d="M1 1h5v5zh-3"/>')
    np.testing.assert_array_equal(first, [[1, 1], [6, 1], [6, 6], [1, 1]])
    np.testing.assert_array_equal(second, [[1, 1], [-2, 1]])


def test_a_line_without_length_is_a_dot():
    [dot] = outlines('<path d="M5 6L5 6" stroke="red"/>')
    np.testing.assert_array_equal(dot, [[5, 6]])


def test_a_circle_of_uses_ends():
    with pytest.raises(LimitError, match="128 deep, `use` included"):
        outlines('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>')


def test_a_damaged_value_is_named():
    with pytest.raises(SketchFormatError, match=r"test.svg has a value that is not SVG"):
        outlines('<svg viewBox="a b c d"/>')


def test_a_value_that_says_nothing_is_left_out():
    assert len(outlines('<circle r="wide"/><g transform="scale(x)"><path d="M0 0h1"/></g>')) == 1


def test_every_emoji_parses(data_root):
    for path in sorted((data_root / "emoji" / "sketch").glob("*.svg"))[::100]:
        read = read_outlines(path.read_bytes(), path.name)
        assert read.canvas_size == 72
        assert 0 < len(read.points) < 5000


@pytest.mark.slow
def test_really_every_emoji_parses(data_root):
    paths = list((data_root / "emoji" / "sketch").glob("*.svg"))
    assert len(paths) == 1376
    for path in paths:
        assert len(read_outlines(path.read_bytes(), path.name).points)
