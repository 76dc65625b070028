"""What is asked of every encoder that looks at drawings."""

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("healer", 1e-4, 1e-6), ("lattice", 1e-4, 1e-6), ("pix2seq", 1e-6, 0.0), ("sp", 1e-4, 1e-6)],
)
def test_a_moved_stroke_changes_its_code_alone(sketches, build, encode, kind, least, most):
    network = build(kind)
    moved = [[*sketches[0][:3], sketches[0][3] + np.float32(3)], *sketches[1:]]
    change = (encode(network, moved) - encode(network, sketches)).abs().amax(1)
    assert change[0] > least
    assert change[1:].max() <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "num_steps"), [("healer", 40), ("lattice", 40), ("pix2seq", 80), ("sp", 40)]
)
def test_codes_of_layouts_are_learnt(learn, kind, num_steps):
    own, other = learn(kind, num_steps)
    assert own < other - 20
