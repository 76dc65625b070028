from dataclasses import replace

import pytest

from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.network import SketchGloc

PAPER = SketchGlocConfig("paper", "nowhere", ("pig",))
PARTS = {
    "strokes": 2_109_440,
    "graphs": 18_874_368,
    "norm": 2_048,
    "posterior": 262_400,
    "start": 198_144,
    "cell": 2_548_480,
    "mixture": 63_099,
}


def count(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_the_papers_network_has_the_papers_parameters():
    network = SketchGloc(PAPER)
    encoder, decoder = network.encoder, network.decoder
    assert {
        "strokes": count(encoder.strokes),
        "graphs": count(encoder.graphs),
        "norm": count(encoder.norm),
        "posterior": count(encoder.to_mean, encoder.to_log_variance),
        "start": count(decoder.to_state),
        "cell": count(decoder.cell),
        "mixture": count(decoder.to_mixture),
    } == PARTS
    assert count(network) == sum(PARTS.values()) == 24_057_979


def test_the_older_branch_has_its_parameters():
    assert count(SketchGloc(replace(PAPER, enc_rnn_size=256, z_size=64))) == 7_830_523


@pytest.mark.parametrize("kind", ["lstm", "layer_norm", "hyper"])
def test_every_cell_serves_on_both_sides(tiny, kind):
    network = SketchGloc(replace(tiny, enc_model=kind, dec_model=kind))
    assert type(network.decoder.cell) is type(network.encoder.strokes.forward_cell)
