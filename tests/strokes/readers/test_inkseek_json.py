import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers import read_sketch
from inkseek.strokes.readers.inkseek_json import from_json, to_json, to_svg, write_sketch
from inkseek.strokes.sketch import Sketch

coordinate = st.floats(-1e6, 1e6, width=32)
share = st.floats(0, 1, width=32)
strokes_of_rows = st.lists(
    st.lists(st.tuples(coordinate, coordinate, coordinate, share), min_size=1, max_size=5),
    max_size=4,
)


def same(a, b):
    for first, second in ((a.strokes, b.strokes), (a.times, b.times), (a.pressures, b.pressures)):
        assert (first is None) == (second is None)
        for one, other in zip(first or (), second or (), strict=True):
            np.testing.assert_array_equal(one, other)
    assert a.canvas_size == b.canvas_size


@given(strokes_of_rows, st.booleans(), st.booleans())
def test_json_comes_back_without_loss(strokes, has_times, has_pressures):
    arrays = [np.array(rows, np.float32) for rows in strokes]
    start = arrays[0][0, 2] if arrays else 0
    times = tuple(np.float32(1) * (array[:, 2] - start) for array in arrays)
    sketch = Sketch(
        tuple(array[:, :2] for array in arrays),
        256.0,
        times=times if has_times or has_pressures else None,
        pressures=tuple(array[:, 3] for array in arrays) if has_pressures else None,
    )
    if arrays:
        same(from_json(to_json(sketch)), sketch)
    else:
        assert from_json(to_json(sketch)).strokes == ()


def test_a_file_comes_back(tmp_path, house):
    write_sketch(house, tmp_path / "house.json")
    same(read_sketch(tmp_path / "house.json"), house)


def test_svg_comes_back_point_by_point(tmp_path, house):
    write_sketch(house, tmp_path / "house.svg")
    same(read_sketch(tmp_path / "house.svg"), house)


def test_svg_draws_lines_without_filling_them(house):
    assert 'fill="none" stroke="#000" stroke-width="1.2"' in to_svg(house)


def test_pressures_without_times_get_times_of_zero(house):
    pressures = tuple(np.full(len(stroke), 0.5, np.float32) for stroke in house.strokes)
    back = from_json(to_json(replace(house, pressures=pressures)))
    assert all((track == 0).all() for track in back.times)
    assert all((track == 0.5).all() for track in back.pressures)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, 'must be an object with "format"'),
        ({"version": 9}, "of version '9', but 1 is read"),
        ({"canvas_size": "big"}, "needs a number named canvas_size"),
        ({"canvas_size": -1}, "canvas_size is -1.0"),
        ({"canvas_size": 10**400}, "something else than a number"),
        ({"strokes": 5}, "needs strokes"),
        ({"strokes": [[[1, 2], [1, 2, 3]]]}, "the same number of values"),
        ({"strokes": [[[1]]]}, "the same number of values"),
        ({"strokes": [[]]}, "stroke 0 of 1 has no points"),
        ({"strokes": [[[1, "2"]]]}, "something else than a number"),
        ({"strokes": [[[1, [2]]]]}, "something else than a number"),
        ({"strokes": [[[1, 1e300]]]}, "beyond 10,000,000"),
    ],
)
def test_a_document_that_breaks_the_format_is_told_how(change, message):
    document = {"format": "inkseek-sketch", "version": 1, "canvas_size": 9, "strokes": []}
    with pytest.raises(SketchFormatError, match=message):
        from_json(json.dumps(document | change), "file.json")
