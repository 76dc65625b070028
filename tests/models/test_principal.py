import pytest
import torch
from torch import nn

from inkseek.models.backbones import EmbeddingNet
from inkseek.models.principal import principal_axes, set_principal_head


class Pixels(nn.Module):
    """Every pixel of a channel is a feature map of one place."""

    def forward(self, image):
        return image.flatten(1)[:, :, None, None]


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    low = torch.randn(60, 5, generator=generator) @ torch.randn(5, 12, generator=generator)
    return low + 3.0


def test_axes_are_orthonormal(rows):
    axes = principal_axes(rows, 4)
    torch.testing.assert_close(axes @ axes.T, torch.eye(4), atol=1e-5, rtol=0)


def test_as_many_axes_as_the_rank_keep_every_inner_product(rows):
    # Five directions and the mean: rank six.
    kept = rows @ principal_axes(rows, 6).T
    torch.testing.assert_close(kept @ kept.T, rows @ rows.T, atol=1e-2, rtol=1e-4)


def test_no_random_directions_keep_inner_products_better(rows):
    def loss(axes):
        kept = rows @ axes.T
        return (kept @ kept.T - rows @ rows.T).norm()

    best = loss(principal_axes(rows, 3))
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        other, _ = torch.linalg.qr(torch.randn(12, 3, generator=generator))
        assert loss(other.T) > best


def test_axes_beyond_the_rows_are_refused(rows):
    with pytest.raises(ValueError, match="61 axes"):
        principal_axes(rows, 61)


def test_a_wide_enough_head_keeps_the_cosines_of_the_features():
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(40, 3, 2, 2, generator=generator)
    network = EmbeddingNet(Pixels(), 12, 12).train()
    set_principal_head(network, images.split(10))
    features = nn.functional.normalize(images.flatten(1))
    embedding = network(images)
    torch.testing.assert_close(embedding @ embedding.T, features @ features.T)
    assert network.training


def test_a_narrow_head_keeps_them_better_than_a_random_one():
    generator = torch.Generator().manual_seed(2)
    mixture = torch.rand(40, 4, generator=generator) @ torch.randn(4, 12, generator=generator)
    images = mixture.reshape(40, 3, 2, 2)
    network = EmbeddingNet(Pixels(), 12, 4)
    features = nn.functional.normalize(images.flatten(1))

    def error():
        embedding = network(images)
        return (embedding @ embedding.T - features @ features.T).square().mean()

    before = error()
    set_principal_head(network, [images])
    assert error() < 0.1 * before


def test_a_network_without_a_head_is_refused():
    network = EmbeddingNet(Pixels(), 12, 12, head=False)
    with pytest.raises(ValueError, match="without a linear head"):
        set_principal_head(network, [torch.zeros(20, 3, 2, 2)])
