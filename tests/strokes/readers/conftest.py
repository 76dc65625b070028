import numpy as np
import pytest

from inkseek.strokes.sketch import Sketch


@pytest.fixture
def house() -> Sketch:
    """Two strokes and a dot on a canvas of 100."""
    strokes = (
        np.array([[10, 90], [10, 40], [50, 10], [90, 40], [90, 90], [10, 90]], np.float32),
        np.array([[40.5, 90], [40.5, 60], [60.25, 60], [60.25, 90]], np.float32),
        np.array([[55, 75]], np.float32),
    )
    return Sketch(strokes, 100.0)
