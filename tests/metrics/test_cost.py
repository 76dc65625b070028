import pytest
import timm
import torch
from torch import nn

from inkseek.metrics.cost import count_macs, count_macs_as_the_paper


def test_a_convolution_by_hand():
    network = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    assert count_macs(network, 16) == 16 * 16 * 8 * 27


def test_the_papers_count_adds_biases_norms_activations_and_pools():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(4 * 4 * 4, 5),
    )  # fmt: skip
    pixels = 8 * 8 * 4
    kernels = pixels * 3 + 64 * 5
    assert count_macs(network, 8) == kernels
    assert count_macs_as_the_paper(network, 8) == kernels + pixels + 5 + 2 * pixels + 2 * pixels


def test_agrees_with_torch_and_the_spec_on_mobilenet():
    network = timm.create_model("mobilenetv2_100", num_classes=0)
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        network.eval()(torch.zeros(1, 3, 128, 128))
    assert 2 * count_macs(network, 128) == counter.get_total_flops()
    assert 2e-9 * count_macs(network, 128) == pytest.approx(0.19559, abs=5e-6)
    assert 2e-9 * count_macs_as_the_paper(network, 128) == pytest.approx(0.208298, abs=2e-4)


def test_counting_leaves_the_network_in_its_mode():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).train()
    before = network[1].running_mean.clone()
    count_macs(network, 8)
    assert network.training
    assert torch.equal(network[1].running_mean, before)
