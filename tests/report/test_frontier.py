import numpy as np
from PIL import Image

from inkseek.report.frontier import draw_frontier


def point(cost, accuracy):
    return {"cost": cost, "acc_at_1": accuracy}


def drawn(path, selector):
    report = {
        "canvas_sizes": [32, 64],
        "queries": 10,
        "fixed": [point(0.01, 0.1), point(0.05, 0.2)],
        "selectors": {"0.1": {"val": selector}},
        "oracle": point(0.03, 0.4),
    }
    draw_frontier(report, path)
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def centre_of_blue(pixels):
    """Of the marks of selectors, legend apart."""
    blue = (pixels[..., 2] - pixels[..., 0]) > 80
    rows, _ = np.nonzero(blue)
    return rows.mean()


def test_a_better_selector_stands_higher(tmp_path):
    worse = drawn(tmp_path / "a" / "worse.png", point(0.03, 0.12))
    better = drawn(tmp_path / "better.png", point(0.03, 0.3))
    assert worse.shape == better.shape
    assert centre_of_blue(better) < centre_of_blue(worse) - 20
