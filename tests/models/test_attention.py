import pytest
import torch
from torch import nn

from inkseek.errors import ModelError
from inkseek.models.attention import CrossAttention
from inkseek.models.backbones import count_parameters


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return CrossAttention(12, heads=3, hidden=20, dropout=0.0).eval()


def tokens(seed, count=5):
    return torch.randn(2, count, 12, generator=torch.Generator().manual_seed(seed))


def by_loops(layer, own, other):
    """One image, head by head and token by token."""
    query, key, value = layer.query(own), layer.key(other), layer.value(own)
    gathered = torch.zeros_like(own)
    for head in range(3):
        part = slice(4 * head, 4 * head + 4)
        for i in range(len(own)):
            scores = torch.stack([query[i, part] @ k[part] for k in key]) / 4**0.5
            weight = scores.exp() / scores.exp().sum()
            gathered[i, part] = sum(w * v[part] for w, v in zip(weight, value, strict=True))
    met = nn.functional.layer_norm(own + layer.out(gathered), (12,))
    return nn.functional.layer_norm(met + layer.feed_forward(met), (12,))


def test_the_published_layer_has_the_published_parameters():
    with torch.device("meta"):
        layer = CrossAttention(768, heads=8, hidden=1024, dropout=0.1)
    assert count_parameters(layer) == 3_940_096


def test_agrees_with_loops(layer):
    own, other = tokens(1), tokens(2)
    expected = torch.stack([by_loops(layer, o, t) for o, t in zip(own, other, strict=True)])
    torch.testing.assert_close(layer(own, other), expected)


def test_rows_of_attention_add_up_to_one(layer):
    weights = layer.weights(tokens(1), tokens(2))
    assert weights.shape == (2, 3, 5, 5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5))


def test_values_and_residual_are_the_own_tokens(layer):
    """Keys that say nothing leave each token its residual and the mean of its own values."""
    nn.init.zeros_(layer.key.weight)
    own = tokens(1)
    torch.testing.assert_close(layer(own, tokens(2)), layer(own, tokens(3)))
    own[:, 0] += 1.0
    assert not torch.allclose(layer(own, tokens(2)), layer(tokens(1), tokens(2)))


def test_heads_must_divide_the_width():
    with pytest.raises(ModelError, match="5 heads do not divide a width of 12"):
        CrossAttention(12, heads=5, hidden=20, dropout=0.0)
