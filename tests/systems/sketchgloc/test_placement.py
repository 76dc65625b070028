import numpy as np
import pytest
import torch
from torch import nn

from inkseek.losses.mixture import mixture_log_density, split_mixture
from inkseek.models.recurrent import LSTMCell
from inkseek.systems.sketchgloc.data import to_rows
from inkseek.systems.sketchgloc.decoder import SketchDecoder
from inkseek.systems.sketchgloc.placement import BRANCH, place_strokes, update_mixture

FAR = 1e4
"""A deviation at which it does not matter where a stroke was drawn."""


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


def place(decoder, code, strokes, stray):
    (placement,) = place_strokes(decoder, code, strokes, [stray])
    return placement


@torch.no_grad()
def told(decoder, code, strokes):
    """What the decoder says of a whole sketch by teacher forcing: mixture, place and pen."""
    length = sum(map(len, strokes))
    target = torch.from_numpy(to_rows(strokes, length + 1))[None]
    mixture = split_mixture(decoder(code[None], target))
    pen = (mixture.pen.log_softmax(-1) * target[..., 2:]).sum(-1)
    place = mixture_log_density(mixture, target[..., :2])
    return mixture, place[0, :length], pen[0, :length]


def test_the_first_stroke_stays_and_a_single_one_has_nowhere_to_go(decoder, strokes):
    code = torch.randn(4)
    assert place(decoder, code, strokes, 1.0).offsets[0].tolist() == [0, 0]
    assert place(decoder, code, strokes[:1], 1.0).offsets.tolist() == [[0, 0]]


def test_two_strokes_are_placed_at_the_best_of_all_centres(decoder, strokes):
    code = torch.randn(4)
    first, second = strokes[:2]
    mixture, _, _ = told(decoder, code, [first, second])
    centres, shares = mixture.mean[0, len(first)], mixture.log_weight[0, len(first)]
    tried = [second + (centre.numpy() - second[0]) for centre in centres]

    def judge(stroke, share):
        _, density, pen = told(decoder, code, [first, stroke])
        return share + density[len(first) + 1 :].sum() + pen[len(first) :].sum()

    # Where nothing is known of where a stroke was drawn, each centre's evidence is its share.
    best = max(zip(tried, shares, strict=True), key=lambda pair: judge(*pair))[0]
    offsets = place(decoder, code, [first, second], FAR).offsets
    np.testing.assert_allclose(second + offsets[1], best, atol=1e-4)


def test_far_hands_forget_and_steady_hands_keep_where_strokes_were(decoder, strokes):
    code = torch.randn(4)
    moved = [strokes[0], strokes[1] + np.float32(3), strokes[2] - np.float32(5)]
    placed, again = (
        [s + o for s, o in zip(some, place(decoder, code, some, FAR).offsets, strict=True)]
        for some in (strokes, moved)
    )
    for one, other in zip(placed, again, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    kept = place(decoder, code, moved, 1e-4).offsets
    np.testing.assert_allclose(kept, 0, atol=1e-4)


def test_the_evidence_of_one_stroke_is_what_the_decoder_says_of_it(decoder, strokes):
    code = torch.randn(4)
    _, density, pen = told(decoder, code, strokes[:1])
    evidence = place(decoder, code, strokes[:1], 1.0).log_evidence
    assert evidence == pytest.approx(float(density.sum() + pen.sum()), abs=1e-4)


def test_the_update_is_the_product_of_both_densities_on_a_grid():
    torch.manual_seed(1)
    raw = torch.randn(3 + 6 * 2, dtype=torch.float64) * 0.5
    mixture, drawn, stray = split_mixture(raw), torch.tensor([0.4, -0.3]).double(), 0.7
    log_weight, centre = update_mixture(mixture, drawn, torch.tensor([stray]).double())
    ticks = torch.linspace(-12, 12, 1201, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), dim=-1)
    error = torch.distributions.Normal(drawn, stray).log_prob(grid).sum(-1)
    area = (ticks[1] - ticks[0]) ** 2
    for k in range(2):
        alone = type(mixture)(
            mixture.pen,
            mixture.log_weight[k : k + 1],
            mixture.mean[k : k + 1],
            mixture.log_deviation[k : k + 1],
            mixture.skew[k : k + 1],
        )
        joint = (mixture_log_density(alone, grid) + error).exp() * area
        assert log_weight[k].item() == pytest.approx(joint.sum().log().item(), abs=1e-3)
        mean = (joint[..., None] * grid).sum((0, 1)) / joint.sum()
        torch.testing.assert_close(centre[k], mean, atol=1e-3, rtol=0)


def test_beams_do_not_disturb_each_other(decoder, strokes):
    code = torch.randn(4)
    together = place_strokes(decoder, code, strokes, [0.1, 1.0, FAR])
    for stray, one in zip([0.1, 1.0, FAR], together, strict=True):
        alone = place(decoder, code, strokes, stray)
        np.testing.assert_allclose(one.offsets, alone.offsets, atol=1e-4)
        assert one.log_evidence == pytest.approx(alone.log_evidence, abs=1e-3)
