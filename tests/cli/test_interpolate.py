import pytest
from PIL import Image


@pytest.mark.parametrize("steps", [2, 5])
def test_the_strip_shows_both_ends_and_the_way(inkseek, sketch_model, drawing, tmp_path, steps):
    out = tmp_path / "way.png"
    arguments = ("interpolate", drawing, drawing, "--model", sketch_model, "--out", out)
    code, said, _ = inkseek(*arguments, "--steps", steps)
    assert code == 0
    assert f"drew {steps} sketches" in said
    with Image.open(out) as strip:
        assert strip.width == pytest.approx((steps + 2) * strip.height, rel=0.2)


def test_one_step_is_no_way(inkseek, sketch_model, drawing, tmp_path):
    arguments = ("interpolate", drawing, drawing, "--model", sketch_model, "--out", tmp_path / "x")
    assert inkseek(*arguments, "--steps", 1)[0] == 2
