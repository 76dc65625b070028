import pytest
import torch
from torch import nn

from inkseek.models.backbones import create_backbone
from inkseek.models.switchable import SwitchableBatchNorm, merge_norms, split_norms, use_norms


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3))


def test_all_norms_start_as_the_one_they_replace():
    network, image = small(), torch.randn(2, 3, 9, 9)
    network(image)  # some running statistics
    network.eval()
    expected = network(image)
    split_norms(network, ["32", "64"])
    for key in ("32", "64"):
        use_norms(network, key)
        torch.testing.assert_close(network(image), expected)


def test_activations_inside_timm_norms_survive():
    backbone = create_backbone("mobilenetv2_035", weights=None).eval()
    image = torch.randn(1, 3, 64, 64)
    expected = backbone(image)
    split_norms(backbone, ["a", "b"])
    torch.testing.assert_close(backbone(image), expected)
    assert any(isinstance(m, SwitchableBatchNorm) for m in backbone.modules())


def test_training_one_key_leaves_the_others_statistics_alone():
    network = small()
    split_norms(network, ["32", "64"])
    norms = network[1].norms
    before = {key: norm.running_mean.clone() for key, norm in norms.items()}
    use_norms(network, "64")
    network.train()(torch.randn(4, 3, 9, 9) + 3.0)
    torch.testing.assert_close(norms["32"].running_mean, before["32"])
    assert not torch.allclose(norms["64"].running_mean, before["64"])


def test_merging_leaves_a_plain_network_for_one_key():
    network, image = small(), torch.randn(2, 3, 9, 9)
    split_norms(network, ["32", "64"])
    use_norms(network, "64")
    network.train()(image)
    network.eval()
    expected = network(image)
    use_norms(network, "32")
    merge_norms(network, "64")
    torch.testing.assert_close(network(image), expected)
    assert isinstance(network[1], nn.BatchNorm2d)


def test_an_unknown_key_is_an_error_that_lists_the_known_ones():
    network = small()
    split_norms(network, ["32", "64"])
    with pytest.raises(KeyError, match="32, 64"):
        use_norms(network, "128")
