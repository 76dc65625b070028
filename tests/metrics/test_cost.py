import pytest
import timm
import torch
from torch import nn
from torchvision import models

from inkseek.metrics.cost import count_macs, count_macs_as_the_paper
from inkseek.models.backbones import count_parameters

TABLE_1 = {
    "vgg19": (20_024_384, 51.06, 51.0544),
    "vgg16": (14_714_688, 40.18, 40.1759),
    "resnet101": (42_500_160, 20.50, 20.4995),
    "densenet201": (18_092_928, 11.40, 11.4026),
    "resnet50": (23_508_032, 10.76, 10.7621),
    "inception_v3": (21_785_568, 7.72, 7.7235),
    "resnet18": (11_176_512, 4.76, 4.7586),
    "efficientnet_b0": (4_007_548, 1.05, 1.0455),
    "mobilenet_v2": (2_223_872, 0.83, 0.8332),
}
"""Parameters, the paper's GFLOPs (Table 1, two decimals), and the same recomputed to four."""


@pytest.mark.parametrize("name", TABLE_1)
def test_table_1_of_the_paper(name):
    """On torchvision's networks: its counter saw modules alone, so who calls what matters."""
    parameters, printed, recomputed = TABLE_1[name]
    options = {"aux_logits": False, "init_weights": False} if name == "inception_v3" else {}
    with torch.device("meta"):
        network = getattr(models, name)(weights=None, **options)
    for classifier in ("fc", "classifier"):
        if hasattr(network, classifier):
            setattr(network, classifier, nn.Identity())
    if name.startswith("vgg"):
        network = network.features
    gflops = 2e-9 * count_macs_as_the_paper(network, 256)
    assert count_parameters(network) == parameters
    assert gflops == pytest.approx(recomputed, abs=5e-5)
    # 51.0544 was printed as 51.06.
    assert gflops == pytest.approx(printed, abs=0.006 if name == "vgg19" else 0.005)


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
