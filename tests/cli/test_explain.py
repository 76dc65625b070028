import json

import numpy as np
import pytest
from PIL import Image

from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<path d="M10 0L10 100"/><path d="M90 0L90 100"/></svg>'
)


@pytest.fixture
def files(tmp_path):
    """Two lines, and a photo that shows the right one and a line along the top."""
    sketch, photo = tmp_path / "lines.svg", tmp_path / "corner.png"
    sketch.write_text(SVG)
    ink = draw(Sketch((np.float32([[0, 0], [100, 0], [100, 90]]),), 100.0), 64, pen_width=0.05)
    Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(photo)
    return sketch, photo


def test_the_stroke_that_adds_most_is_named_first(inkseek, tiny_model, files):
    code, out, _ = inkseek("explain", *files, "--model", tiny_model)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("similarity ")
    assert "stroke   2  +" in lines[1]
    assert "stroke   1  -" in lines[2]


def test_json_and_picture_say_the_same_match(inkseek, tiny_model, files, tmp_path):
    picture = tmp_path / "why.png"
    code, out, _ = inkseek("explain", *files, "--model", tiny_model, "--json", "--out", picture)
    answer = json.loads(out)
    assert code == 0
    assert [row["stroke"] for row in answer["strokes"]] == [0, 1]
    assert np.sum(answer["photo"]) == pytest.approx(answer["similarity"], abs=1e-4)
    with Image.open(picture) as drawn:
        assert drawn.width > drawn.height
