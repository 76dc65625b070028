import pytest
import torch
from torch import nn

from inkseek.models.hyperlstm import HyperLSTMCell
from inkseek.models.recurrent import LayerNormLSTMCell, LSTMCell
from inkseek.systems.sketchgloc.decoder import SketchDecoder

CELLS = {"lstm": LSTMCell, "layer_norm": LayerNormLSTMCell, "hyper": HyperLSTMCell}


def make(kind, **options):
    torch.manual_seed(0)
    decoder = SketchDecoder(CELLS[kind](5 + 4, 6), 4, 2, **options)
    for parameter in decoder.parameters():
        nn.init.normal_(parameter, std=0.3)
    return decoder


@pytest.mark.parametrize("kind", CELLS)
def test_a_step_knows_earlier_rows_alone(kind):
    decoder = make(kind)
    code, target = torch.randn(2, 4), torch.randn(2, 7, 5)
    changed = target.clone()
    changed[:, 3:] += 1
    before, after = decoder(code, target), decoder(code, changed)
    # Row 3 is first seen when row 4 is told.
    assert torch.equal(before[:, :4], after[:, :4])
    assert (before[:, 4] - after[:, 4]).abs().max() > 1e-4


@pytest.mark.parametrize("kind", CELLS)
def test_drawing_is_teacher_forcing_on_what_was_drawn(kind):
    decoder = make(kind)
    code = torch.randn(3, 4)
    rows = decoder.draw(code, max_points=6)
    first = decoder(code, rows)[:, :, :3].argmax(2)
    ended = rows[:, :, 4].cumsum(1) > 1
    assert torch.equal(first[~ended], rows[:, :, 2:].argmax(2)[~ended])


def test_an_ended_sketch_stays_ended():
    decoder = make("lstm")
    with torch.no_grad():
        decoder.to_mixture.bias[2] = 1.0
    rows = decoder.draw(
        torch.randn(40, 4), max_points=30, temperature=1.0, generator=torch.Generator()
    )
    for sketch in rows:
        end = int(sketch[:, 4].argmax())
        if sketch[:, 4].any():
            assert torch.equal(sketch[end:, 4], torch.ones(len(sketch) - end))
            assert not sketch[end:, :4].any()


def test_randomness_follows_the_generator():
    decoder = make("layer_norm")
    code = torch.randn(2, 4)
    first, again, other = (
        decoder.draw(
            code, max_points=5, temperature=0.5, generator=torch.Generator().manual_seed(seed)
        )
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert first.shape != other.shape or not torch.equal(first, other)


@pytest.mark.parametrize("option", ["keep", "keep_input", "keep_output"])
def test_dropout_is_on_with_a_generator_alone(option):
    decoder = make("lstm", **{option: 0.5})
    code, target = torch.randn(2, 4), torch.randn(2, 7, 5)
    plain = decoder(code, target)
    assert torch.equal(plain, make("lstm")(code, target))
    assert not torch.equal(plain, decoder(code, target, torch.Generator().manual_seed(0)))
