from dataclasses import replace

import pytest
import torch

from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import find_limits, fixed_batches
from inkseek.systems.sketchgloc.network import SketchGloc
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.systems.sketchgloc.peers.plan import PeerPlan

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


def encode(config, layouts):
    torch.manual_seed(0)
    network = SketchGloc(config).eval()
    batch = fixed_batches(config, layouts, find_limits(config, layouts), "val")[0]
    with torch.no_grad():
        return network, batch, network.encode(batch).mean


def test_merged_graphs_share_one_pair_of_kernels(tiny, layouts):
    network, _, _ = encode(replace(tiny, graphs="merged"), layouts)
    assert network.encoder.graphs.first.shape == network.encoder.graphs.second.shape == (1, 32, 32)


def test_normalising_changes_codes_but_no_parameter(tiny, layouts):
    plain, _, codes = encode(tiny, layouts)
    normalised, _, others = encode(replace(tiny, normalise_adjacency=True), layouts)
    assert all(
        torch.equal(value, normalised.state_dict()[key])
        for key, value in plain.state_dict().items()
    )
    assert (codes - others).abs().max() > 1e-3


def test_pieces_are_nodes_of_five_points_at_most_and_lose_none(tiny, layouts):
    _, whole, codes = encode(tiny, layouts)
    _, pieces, others = encode(replace(tiny, max_stroke_len=5), layouts)
    assert whole["lengths"].max() > pieces["lengths"].max() == 5
    assert torch.equal(whole["lengths"].sum(1), pieces["lengths"].sum(1))
    assert (pieces["lengths"] > 0).sum() > (whole["lengths"] > 0).sum()
    assert (codes - others).abs().max() > 1e-3


@pytest.mark.parametrize("kind", ["pix2seq", "healer", "lattice", "sp"])
def test_a_peer_shares_all_but_the_encoder(tiny, layouts, kind):
    plan = PeerPlan(canvas_size=32, patch_size=16, num_lines=8)
    network, batch, codes = encode(replace(tiny, encoder=kind, peer=plan), layouts)
    own = SketchGloc(tiny)
    assert codes.shape == (len(batch["target"]), tiny.z_size)
    names = {key for key in network.state_dict() if not key.startswith("encoder.")}
    assert names == {key for key in own.state_dict() if not key.startswith("encoder.")}
    network.train()
    compute_objective(network, batch, torch.Generator().manual_seed(0)).total.backward()
    silent = [name for name, p in network.named_parameters() if not p.grad.abs().sum() > 0]
    assert silent == []
