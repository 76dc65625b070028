import numpy as np
import pytest
import torch

from inkseek.systems.sketchgloc.data import Limits, collate
from inkseek.systems.sketchgloc.encoder import Encoded, GridGraphs
from inkseek.systems.sketchgloc.network import SketchGloc

LIMITS = Limits(max_points=20, max_nodes=9, max_rows=64)


@pytest.fixture
def network(tiny):
    torch.manual_seed(0)
    return SketchGloc(tiny).eval()


@pytest.fixture
def sketches(generator):
    return [
        [generator.normal(size=(n, 2)).astype(np.float32) for n in lengths]
        for lengths in ((3, 9, 1, 5), (2,), (7, 7))
    ]


def encode(network, sketches):
    with torch.no_grad():
        return network.encode(collate(sketches, sketches, LIMITS)).mean


def test_the_order_of_strokes_does_not_matter(network, sketches):
    shuffled = [[sketches[0][i] for i in (2, 0, 3, 1)], *sketches[1:]]
    torch.testing.assert_close(encode(network, shuffled), encode(network, sketches))


def test_a_moved_stroke_changes_the_code(network, sketches):
    moved = [[*sketches[0][:3], sketches[0][3] + np.float32(20)], *sketches[1:]]
    assert (encode(network, moved) - encode(network, sketches))[0].abs().max() > 1e-4


def test_padding_to_a_batch_changes_nothing(network, sketches):
    alone = torch.cat([encode(network, [sketch]) for sketch in sketches])
    torch.testing.assert_close(encode(network, sketches), alone)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("normalise", [False, True])
def test_graphs_agree_with_loops(merged, normalise):
    torch.manual_seed(0)
    graphs = GridGraphs(4, merged=merged, normalise=normalise)
    nodes = torch.randn(1, 3, 4)
    localisation = (torch.rand(1, 3, 3, 9) < 0.4).float()
    nodes[:, 2] = 0
    localisation[:, 2] = localisation[:, :, 2] = 0
    total = torch.zeros(4)
    relations = localisation[0]
    if merged:
        relations = (relations.sum(2, keepdim=True) > 0).float()
    for g in range(relations.shape[2]):
        for i in range(2):
            row = relations[i, :, g]
            if normalise:
                row = row / max(1.0, row.sum().item())
            gathered = sum(row[j] * nodes[0, j] for j in range(3))
            hidden = torch.relu(torch.relu(gathered @ graphs.first[g]) @ graphs.second[g])
            total = total + (gathered + hidden) / 2
    result = graphs(nodes, torch.tensor([[2, 2, 0]]), localisation)
    torch.testing.assert_close(result[0], total)


def test_merging_saves_eight_ninths_of_the_kernels():
    sizes = [sum(p.numel() for p in GridGraphs(8, merged=m).parameters()) for m in (False, True)]
    assert sizes == [9 * 2 * 64, 2 * 64]


def test_a_code_varies_as_it_says():
    encoded = Encoded(torch.full((20_000, 1), 3.0), torch.full((20_000, 1), np.log(4.0)))
    codes = encoded.sample(torch.Generator().manual_seed(0))
    assert codes.mean().item() == pytest.approx(3, abs=0.05)
    assert codes.std().item() == pytest.approx(2, abs=0.05)
    assert torch.equal(encoded.sample(None), encoded.mean)
