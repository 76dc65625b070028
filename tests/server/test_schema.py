import json

import numpy as np
import pytest
from pydantic import ValidationError

from inkseek.server.schema import DrawnSketch, SearchRequest
from inkseek.strokes.readers.inkseek_json import to_json
from inkseek.strokes.sketch import Sketch


def test_a_saved_sketch_is_a_valid_request():
    points = np.float32([[1, 2], [3, 4]])
    times = (np.float32([0, 5]),)
    sketch = Sketch((points,), 9.0, times=times, pressures=(np.float32([0.5, 1]),))
    request = SearchRequest(sketch=json.loads(to_json(sketch)))
    assert request.sketch.strokes == [[[1, 2, 0, 0.5], [3, 4, 5, 1]]]


@pytest.mark.parametrize("value", ["1", None, True, [1], float("nan"), float("inf"), 1e300])
def test_a_coordinate_is_a_number_of_reasonable_size(value):
    with pytest.raises(ValidationError):
        DrawnSketch(canvas_size=9, strokes=[[[0, value]]])


def test_a_million_bad_points_give_one_complaint():
    with pytest.raises(ValidationError) as caught:
        DrawnSketch(canvas_size=9, strokes=[[["x", "y"]] * 1_000_000] * 2)
    assert caught.value.error_count() <= 2
