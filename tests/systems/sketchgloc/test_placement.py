import numpy as np
import pytest
import torch
from torch import nn

from inkseek.losses.mixture import mixture_log_density, split_mixture
from inkseek.models.recurrent import LSTMCell
from inkseek.systems.sketchgloc.data import to_rows
from inkseek.systems.sketchgloc.decoder import SketchDecoder
from inkseek.systems.sketchgloc.placement import BRANCH, place_strokes


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    decoder = SketchDecoder(LSTMCell(5 + 4, 6), 4, BRANCH)
    for parameter in decoder.parameters():
        nn.init.normal_(parameter, std=0.5)
    return decoder


@pytest.fixture
def strokes(generator):
    return [generator.normal(size=(n, 2)).astype(np.float32) for n in (3, 2, 4)]


@torch.no_grad()
def log_prob(decoder, code, strokes):
    """What the decoder says of a whole sketch, by teacher forcing."""
    length = sum(map(len, strokes))
    target = torch.from_numpy(to_rows(strokes, length + 1))[None]
    mixture = split_mixture(decoder(code[None], target))
    pen = (mixture.pen.log_softmax(-1) * target[..., 2:]).sum(-1)
    return (mixture_log_density(mixture, target[..., :2]) + pen)[0, :length].sum().item()


def test_the_first_stroke_stays(decoder, strokes):
    assert place_strokes(decoder, torch.randn(4), strokes)[0].tolist() == [0, 0]


def test_a_single_stroke_has_nowhere_to_go(decoder, strokes):
    assert place_strokes(decoder, torch.randn(4), strokes[:1]).tolist() == [[0, 0]]


def test_two_strokes_are_placed_at_the_best_of_all_centres(decoder, strokes):
    code = torch.randn(4)
    strokes = strokes[:2]
    target = torch.from_numpy(to_rows(strokes, 6))[None]
    with torch.no_grad():
        centres = split_mixture(decoder(code[None], target)).mean[0, len(strokes[0])]
    tried = [strokes[1] + (centre.numpy() - strokes[1][0]) for centre in centres]
    best = max(tried, key=lambda stroke: log_prob(decoder, code, [strokes[0], stroke]))
    offsets = place_strokes(decoder, code, strokes)
    np.testing.assert_allclose(strokes[1] + offsets[1], best, atol=1e-5)


def test_where_a_stroke_was_does_not_matter_to_the_decoder(decoder, strokes):
    code = torch.randn(4)
    moved = [strokes[0], strokes[1] + np.float32(3), strokes[2] - np.float32(5)]
    placed, again = (
        [s + o for s, o in zip(some, place_strokes(decoder, code, some), strict=True)]
        for some in (strokes, moved)
    )
    for one, other in zip(placed, again, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
