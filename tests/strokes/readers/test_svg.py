import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import parse_sketch, read_sketch


def test_the_viewbox_is_the_canvas():
    sketch = parse_sketch(
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="10 20 100 50" width="7cm">'
        b'<line x1="10" y1="20" x2="110" y2="70" stroke="black"/></svg>',
        "line.svg",
    )
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [100, 50]])
    assert sketch.canvas_size == 100


def test_without_a_size_the_lines_are_the_canvas():
    sketch = parse_sketch(b'<svg><path d="M5 5h20v10" stroke="red"/></svg>', "path.svg")
    np.testing.assert_array_equal(sketch.strokes[0], [[0, 0], [20, 0], [20, 10]])
    assert sketch.canvas_size == 20


def test_a_plain_document_type_is_ignored():
    sketch = parse_sketch(
        b'<?xml version="1.0"?><!-- made by hand --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"'
        b' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg><path d="M0 0h9"/></svg>',
        "old.svg",
    )
    assert sketch.num_points == 2


@pytest.mark.parametrize("content", [b"<svg/>", b'<svg><path d="M1 1"/><text>word</text></svg>'])
def test_a_document_without_lines_is_told(content):
    with pytest.raises(SketchFormatError, match=r"empty.svg draws no line"):
        parse_sketch(content, "empty.svg")


@pytest.mark.parametrize("content", [b"<svg", b"<svg><path></svg>", b"<html><p/></html>", b"<svg>"])
def test_a_damaged_document_is_named(content):
    with pytest.raises(SketchFormatError, match=r"bad.svg"):
        parse_sketch(content, "bad.svg")


def test_an_emoji_parses_as_a_file(data_root):
    sketch = read_sketch(data_root / "emoji" / "sketch" / "1F3E4.svg")
    assert len(sketch.strokes) == 18
    assert sketch.canvas_size == 72
