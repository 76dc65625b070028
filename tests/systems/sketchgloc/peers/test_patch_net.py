import pytest
import torch
from torch import nn

from inkseek.systems.sketchgloc.peers.patch_net import PatchNet


def widths(network):
    return [layer.out_channels for layer in network.layers if isinstance(layer, nn.Conv2d)]


def test_it_has_sketch_healers_layers_and_parameters():
    network = PatchNet(128, 512)
    assert widths(network) == [8, 32, 64, 128, 256, 512]
    assert sum(p.numel() for p in network.parameters()) == 698_376


def test_it_has_sp_gra2seqs_layers():
    assert widths(PatchNet(256, 512, linear_end=True)) == [8, 32, 64, 128, 256, 512, 512]


@pytest.mark.parametrize("patch_size", [8, 16, 32, 64])
@pytest.mark.parametrize("linear_end", [False, True])
def test_a_patch_of_any_size_is_one_row(patch_size, linear_end):
    network = PatchNet(patch_size, 16, linear_end=linear_end)
    image = torch.randint(0, 256, (3, patch_size, patch_size), dtype=torch.uint8)
    assert network(image).shape == (3, 16)


def test_only_a_linear_end_can_be_negative():
    torch.manual_seed(0)
    image = torch.randint(0, 256, (20, 16, 16), dtype=torch.uint8)
    assert PatchNet(16, 16)(image).min() >= 0
    assert PatchNet(16, 16, linear_end=True)(image).min() < 0
