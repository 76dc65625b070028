import numpy as np
import torch

from inkseek.systems.sketchgloc.peers.plan import PeerPlan
from inkseek.systems.sketchgloc.peers.sketch_healer import HealerEncoder, spatial_graph


def test_it_has_the_papers_sizes():
    encoder = HealerEncoder(512, 128, PeerPlan())
    sizes = {name: sum(p.numel() for p in m.parameters()) for name, m in encoder.named_children()}
    assert sizes == {
        "patches": 698_376,
        "patch_norm": 1_024,
        "kernel": 262_144,
        "read_out": 1_024 + 2 * (512 * 128 + 128),
    }


def test_the_graph_agrees_with_loops(generator):
    centres = generator.random((2, 7, 2)).astype(np.float32)
    present = np.arange(7) < np.array([[7], [4]])
    found = spatial_graph(torch.from_numpy(centres), torch.from_numpy(present)).numpy()
    for b in range(2):
        count = int(present[b].sum())
        largest = max(
            np.linalg.norm(centres[b, i] - centres[b, j])
            for i in range(1, count)
            for j in range(1, count)
        )
        expected = np.zeros((7, 7))
        for i in range(count):
            expected[i, 0] = 0.5
            for j in range(1, count):
                if i and np.linalg.norm(centres[b, i] - centres[b, j]) <= 0.2 * largest:
                    expected[i, j] = 0.3
            expected[i, i] = 0.5
        np.testing.assert_allclose(found[b], expected)


def test_the_graph_does_not_depend_on_scale_or_place(generator):
    centres = torch.from_numpy(generator.random((1, 9, 2)).astype(np.float32))
    present = torch.ones(1, 9, dtype=torch.bool)
    edges = spatial_graph(centres, present)
    assert torch.equal(spatial_graph(centres * 4 + 1, present), edges)
    assert (edges == 0.3).any()
    assert (edges[:, 1:, 1:] == 0).any()
    order = torch.tensor([0, *(torch.randperm(8) + 1).tolist()])
    shuffled = spatial_graph(centres[:, order], present)
    assert torch.equal(shuffled, edges[:, order][:, :, order])


def test_the_order_of_strokes_does_not_matter_where_every_point_has_a_patch(
    sketches, build, encode
):
    network = build("healer")
    shuffled = [[sketches[0][i] for i in (2, 0, 3, 1)], *sketches[1:]]
    torch.testing.assert_close(encode(network, shuffled), encode(network, sketches))


def test_padding_to_a_batch_changes_nothing(sketches, build, encode):
    network = build("healer")
    alone = torch.cat([encode(network, [sketch]) for sketch in sketches])
    torch.testing.assert_close(encode(network, sketches), alone)
