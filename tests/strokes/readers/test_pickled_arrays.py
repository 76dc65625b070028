import os
import pickle
from io import BytesIO

import numpy as np
import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.pickled_arrays import PickledArray, unpickle_arrays


class Forged:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16, np.uint8])
def test_a_dictionary_of_arrays_comes_back_as_it_was(protocol, kind):
    rows = np.arange(12).reshape(4, 3).astype(kind)
    content = unpickle_arrays(BytesIO(pickle.dumps({"/train/a_1": rows}, protocol)), "file")
    assert isinstance(content["/train/a_1"], PickledArray)
    np.testing.assert_array_equal(content["/train/a_1"].content, rows)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pickle.dumps(Forged()), "has no place"),
        (pickle.dumps(np.array(["a"])), "made of numbers"),
        (pickle.dumps({"a": np.ones(3)}, 2)[:-9], "download it again"),
        (b"", "download it again"),
    ],
)
def test_anything_else_is_refused_in_one_line(data, reason):
    with pytest.raises(SketchFormatError, match=reason) as error:
        unpickle_arrays(BytesIO(data), "file.npz is damaged")
    assert str(error.value).startswith("file.npz is damaged (")
    assert "\n" not in str(error.value)
