import pytest
import torch

from inkseek.systems.sketchgloc.data import collate
from inkseek.systems.sketchgloc.objective import compute_objective
from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.sp_gra2seq import SynonymEncoder, synonym_graph

PRESENT = torch.tensor([[True] * 7, [True] * 3 + [False] * 4])


@pytest.fixture
def seen():
    torch.manual_seed(0)
    return torch.randn(2, 7, 5).abs()


def test_the_graph_agrees_with_loops(seen):
    found = synonym_graph(seen, PRESENT)
    for b in range(2):
        count = int(PRESENT[b].sum())
        expected = torch.zeros(7, 7)
        expected[0, 0] = 1
        for i in range(1, count):
            cosine = {
                j: torch.cosine_similarity(seen[b, i], seen[b, j], dim=0).item()
                for j in range(1, count)
            }
            best = sorted(cosine, key=lambda j, c=cosine: -c[j])[:3]
            expected[i, 0] = 0.5
            for share, j in zip((1, 0.5, 0.2), best, strict=False):
                expected[i, j] = share * cosine[j]
            expected[i] /= expected[i].sum()
        torch.testing.assert_close(found[b], expected)


def test_rows_of_present_nodes_sum_to_one(seen):
    sums = synonym_graph(seen - 0.5, PRESENT).sum(-1)
    torch.testing.assert_close(sums, PRESENT.float())


def test_likeness_alone_makes_edges(seen):
    lengths = torch.rand(2, 7, 1) + 0.5
    torch.testing.assert_close(synonym_graph(seen * lengths, PRESENT), synonym_graph(seen, PRESENT))
    alike = seen.clone()
    alike[0, 6] = alike[0, 1]
    edges = synonym_graph(alike, PRESENT)[0]
    assert edges[1, 6] > 0
    assert edges[6, 1] > 0


def test_centroids_move_a_quarter_of_the_way_to_their_patches():
    encoder = SynonymEncoder(2, 3, PeerPlan(patch_size=16, num_clusters=3))
    encoder.centroids.copy_(torch.tensor([[4.0, 0.0], [0.0, 4.0], [-1.0, -1.0]]))
    patches = torch.tensor([[8.0, 0.0], [8.0, 0.8], [0.0, 2.0]], requires_grad=True)
    loss = encoder.pull(patches)
    expected = torch.tensor([[5.0, 0.1], [0.0, 3.5], [-1.0, -1.0]])
    torch.testing.assert_close(encoder.centroids, expected)
    away = (3**2 + 0.1**2, 3**2 + 0.7**2, 1.5**2)
    assert loss.item() == pytest.approx(0.5 * sum(away) / 3)
    loss.backward()
    torch.testing.assert_close(patches.grad, (patches.detach() - expected[[0, 0, 1]]) / 3)


def test_the_pull_counts_in_training_alone(sketches, build, limits):
    network = build("sp")
    batch = collate(sketches, sketches, limits)
    before = network.encoder.centroids.clone()
    assert network.encode(batch).penalty is None
    assert torch.equal(network.encoder.centroids, before)
    network.train()
    loss = compute_objective(network, batch, torch.Generator().manual_seed(0))
    assert loss.penalty > 0
    assert loss.total.item() == pytest.approx((loss.place + loss.pen + loss.penalty).item())
    assert not torch.equal(network.encoder.centroids, before)
    assert "encoder.centroids" in network.state_dict()


def test_neither_order_of_strokes_nor_padding_matters_where_every_point_has_a_patch(
    sketches, build, encode
):
    network = build("sp")
    codes = encode(network, sketches)
    shuffled = [[sketches[0][i] for i in (2, 0, 3, 1)], *sketches[1:]]
    torch.testing.assert_close(encode(network, shuffled), codes, rtol=1e-4, atol=1e-5)
    alone = torch.cat([encode(network, [sketch]) for sketch in sketches])
    torch.testing.assert_close(alone, codes, rtol=1e-4, atol=1e-5)
