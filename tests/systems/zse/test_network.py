import pytest
import torch

from inkseek.models.backbones import count_parameters
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.network import ZseNetwork, match_in_order


def images(count, seed=0):
    return torch.rand(count, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_the_published_network_has_the_published_parameters():
    with torch.device("meta"):
        network = ZseNetwork(NetworkConfig())
    assert count_parameters(network) == 98_240_536
    assert count_parameters(network.sketch_attention) == 3_940_096
    assert count_parameters(network.photo_attention) == 3_940_096


def test_the_published_shapes():
    with torch.device("meta"):
        network = ZseNetwork(NetworkConfig())
        tokens = torch.zeros(4, 197, 768)
        anchors = network.anchors(tokens[:, 1:])
        logit = network.relation(torch.zeros(2, 49, 49))
    assert (anchors.shape, logit.shape) == ((4, 49, 512), (2,))


@pytest.mark.parametrize(("trunk", "anchors"), [("vit", 4), ("convnet", 4), ("vit", 16)])
def test_pairs_with_shared_projections_are_the_pairs_themselves(make_config, trunk, anchors):
    torch.manual_seed(0)
    network = ZseNetwork(make_config(trunk, anchors=anchors)).eval()
    sketch, photo = network(images(3)), network(images(4, seed=1))
    rows, columns = torch.tensor([2, 0, 2]), torch.tensor([3, 3, 0])
    match = network.match(sketch.tokens, photo.tokens, rows, columns)
    met_sketch = network.sketch_attention(sketch.tokens[rows], photo.tokens[columns])
    met_photo = network.photo_attention(photo.tokens[columns], sketch.tokens[rows])
    torch.testing.assert_close(match.sketch, met_sketch[:, 0])
    torch.testing.assert_close(match.photo, met_photo[:, 0])
    alone = match_in_order(network, sketch[torch.tensor([0])], photo[torch.tensor([3])])
    torch.testing.assert_close(match.logit[1:2], alone.logit)
    torch.testing.assert_close(match.cosines[1:2], alone.cosines)


def test_equal_sides_meet_on_the_diagonal(vit):
    """With one cross-attention for both sides a sketch and itself as a photo have equal anchors."""
    vit.photo_attention = vit.sketch_attention
    encoded = vit(images(2))
    cosines = match_in_order(vit, encoded, encoded).cosines
    torch.testing.assert_close(cosines.diagonal(dim1=1, dim2=2), torch.ones(2, 4))


def test_the_sides_have_cross_attention_of_their_own(vit):
    first, second = vit(images(1)), vit(images(1, seed=1))
    there, back = match_in_order(vit, first, second), match_in_order(vit, second, first)
    assert not torch.allclose(there.logit, back.logit)


@pytest.mark.parametrize("trunk", ["vit", "convnet"])
def test_every_part_learns(make_config, trunk):
    torch.manual_seed(0)
    network = ZseNetwork(make_config(trunk)).train()
    sketch, photo = network(images(2)), network(images(2, seed=1))
    match = match_in_order(network, sketch, photo)
    (match.logit.sum() + match.sketch.square().sum() + match.photo[:, 0].sum()).backward()
    assert [n for n, p in network.named_parameters() if p.grad is None] == []


def test_a_pooled_network_starts_as_the_cosines_of_the_tokens_themselves(make_config):
    """Cross-attention adds nothing yet, whatever the two sides are."""
    torch.manual_seed(0)
    network = ZseNetwork(make_config(relation="pooled", anchors=16)).eval()
    sketch, photo = network(images(2)), network(images(2, seed=1))
    match = match_in_order(network, sketch, photo)
    own, other = (torch.nn.functional.layer_norm(e.tokens, (32,)) for e in (sketch, photo))
    expected = torch.nn.functional.cosine_similarity(own[:, 1:, None], other[:, None, 1:], dim=3)
    torch.testing.assert_close(match.cosines, expected, atol=1e-4, rtol=1e-4)
    nearness = torch.nn.functional.cosine_similarity(sketch.tokens[:, 0], photo.tokens[:, 0])
    by_tokens = network.retrieval.log_scale.exp() * nearness
    torch.testing.assert_close(match.logit, network.relation(match.cosines) + by_tokens)


def test_cross_attention_that_starts_as_the_identity_learns_what_it_adds(make_config):
    torch.manual_seed(0)
    network = ZseNetwork(make_config(relation="pooled", anchors=16)).train()
    match_in_order(network, network(images(2)), network(images(2, seed=1))).logit.sum().backward()
    for side in (network.sketch_attention, network.photo_attention):
        assert side.out.weight.grad.any()
        assert side.feed_forward[-1].weight.grad.any()
