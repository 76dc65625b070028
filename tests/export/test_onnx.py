import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from timm.layers import Conv2dSame
from torch import nn

from inkseek.export.onnx import (
    absorb_batch_norm,
    fix_padding,
    round_to_half,
    store_as_half,
    to_onnx,
)
from inkseek.export.quantise import to_int8
from inkseek.models.backbones import EmbeddingNet, scale_pixels


@pytest.fixture
def network():
    torch.manual_seed(0)
    trunk = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU6(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU6(),
    )
    for norm in (trunk[1], trunk[4]):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.bias)
    return EmbeddingNet(trunk, 32, 8).eval()


@pytest.fixture
def images(generator):
    return generator.integers(0, 256, (32, 3, 32, 32), dtype=np.uint8)


def run(model, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"image": images})[0]


def forward(network, images):
    with torch.no_grad():
        return network(scale_pixels(torch.from_numpy(images))).numpy()


def test_absorbing_batch_norms_changes_nothing_but_where_the_scale_lives(network, images):
    before = forward(network, images)
    absorb_batch_norm(network)
    np.testing.assert_allclose(forward(network, images), before, atol=1e-5)
    norm = network.backbone[1]
    np.testing.assert_allclose(norm.weight.detach(), 1)
    np.testing.assert_allclose(norm.running_var + norm.eps, 1)


@pytest.mark.slow
def test_the_exported_file_equals_the_network_within_1e_4(network, images):
    absorb_batch_norm(network)
    round_to_half(network)
    model = to_onnx(network, 4)
    expected = forward(network, images)
    np.testing.assert_allclose(run(model, images), expected, atol=1e-5)
    half = store_as_half(model)
    np.testing.assert_allclose(run(half, images), expected, atol=1e-5)
    assert half.ByteSize() < 0.75 * model.ByteSize()


@pytest.mark.slow
def test_any_batch_size_and_the_same_rows(network, images):
    model = to_onnx(network, 4)
    one = np.concatenate([run(model, images[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(run(model, images[:4]), one, atol=1e-5)


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_fixed_padding_is_the_padding_by_size_where_the_stride_divides_it(kernel, stride):
    torch.manual_seed(0)
    network = nn.Sequential(Conv2dSame(3, 4, kernel, stride, groups=1, bias=True))
    image = torch.randn(1, 3, 8, 12)
    expected = network(image)
    fix_padding(network)
    torch.testing.assert_close(network(image), expected)


@pytest.mark.slow
def test_one_file_serves_every_side_that_the_stride_divides(network):
    model = to_onnx(network, 4)
    for side in (4, 20, 64):
        images = np.random.default_rng(side).integers(0, 256, (2, 3, side, side), dtype=np.uint8)
        np.testing.assert_allclose(run(model, images), forward(network, images), atol=1e-5)


@pytest.mark.slow
def test_parts_by_place_add_up_to_the_embedding(network, images):
    model = to_onnx(network, 4, places=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    embedding, parts = session.run(None, {"image": images[:3]})
    assert parts.shape == (3, 8, 8, 8)
    np.testing.assert_allclose(parts.sum((1, 2)), embedding, atol=1e-5)
    np.testing.assert_allclose(embedding, forward(network, images[:3]), atol=1e-5)


@pytest.mark.slow
def test_int8_points_the_same_way(network, images):
    absorb_batch_norm(network)
    model = to_onnx(network, 4)
    small = to_int8(model, images, images[:, :, :16, :16], kept=0)
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in small.graph.node}
    cosine = (run(small, images) * forward(network, images)).sum(1)
    assert cosine.min() > 0.99


@pytest.mark.slow
def test_the_first_convolutions_stay_as_they_are(network, images):
    absorb_batch_norm(network)
    model = to_onnx(network, 4)
    weights = {
        kept: sum(i.data_type == onnx.TensorProto.INT8 for i in small.graph.initializer)
        for kept in (0, 1)
        if (small := to_int8(model, images, kept=kept))
    }
    assert 0 < weights[1] < weights[0]


def test_the_shipped_file_checks_as_onnx():
    from inkseek.assets import find_asset

    for name in ("student.onnx", "student.int8.onnx"):
        onnx.checker.check_model(onnx.load(find_asset("models/default") / name))
