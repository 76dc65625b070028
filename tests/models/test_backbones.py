import pytest
import timm
import torch
from safetensors.torch import save_file

from inkseek.errors import ModelError
from inkseek.models.backbones import (
    EmbeddingNet,
    count_parameters,
    create_backbone,
    freeze_batch_norm,
    num_features_of,
    pixel_scale,
    scale_pixels,
)


def test_mobilenet_has_the_parameters_of_the_paper():
    assert count_parameters(create_backbone("mobilenetv2_100", weights=None)) == 2_223_872


def test_embeddings_are_unit_rows():
    backbone = create_backbone("mobilenetv2_050", weights=None)
    network = EmbeddingNet(backbone, num_features_of(backbone), 16).eval()
    with torch.no_grad():
        rows = network(torch.rand(2, 3, 64, 64) * 2 - 1)
    assert rows.shape == (2, 16)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(2))


def test_start_weights_are_loaded_from_a_file(tmp_path):
    source = timm.create_model("mobilenetv2_050", num_classes=0)
    save_file({k: v.half() for k, v in source.state_dict().items()}, tmp_path / "w.safetensors")
    backbone = create_backbone("mobilenetv2_050", weights=tmp_path / "w.safetensors")
    expected = source.conv_stem.weight.half().float()
    assert torch.equal(backbone.conv_stem.weight, expected)


def test_the_given_start_weights_fit(weights_root):
    weights = weights_root / "mobilenetv2_100.safetensors"
    backbone = create_backbone("mobilenetv2_100", weights=weights, pad_type="same")
    assert count_parameters(backbone) == 2_223_872


def test_wrong_names_and_files_are_errors(tmp_path):
    with pytest.raises(ModelError, match="timm cannot make the network 'no_such_net'"):
        create_backbone("no_such_net", weights=None)
    with pytest.raises(ModelError, match="set INKSEEK_WEIGHTS"):
        create_backbone("mobilenetv2_050", weights=tmp_path / "none.safetensors")
    save_file({"other": torch.zeros(1)}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="does not fit mobilenetv2_050"):
        create_backbone("mobilenetv2_050", weights=tmp_path / "w.safetensors")


def test_frozen_batch_norms_keep_their_statistics_and_learn_their_scale():
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4)).train()
    freeze_batch_norm(network)
    before = network[1].running_mean.clone()
    network(torch.randn(8, 3, 4, 4)).sum().backward()
    assert torch.equal(network[1].running_mean, before)
    assert network[1].weight.grad is not None


def test_pixels_span_minus_one_to_one():
    ends = torch.tensor([[[[0, 255]]]], dtype=torch.uint8).expand(1, 3, 1, 2)
    assert scale_pixels(ends).unique().tolist() == [-1.0, 1.0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("vgg19", 20_024_384),
        ("vgg16", 14_714_688),
        ("resnet101", 42_500_160),
        ("densenet201", 18_092_928),
        ("resnet50", 23_508_032),
        ("inception_v3", 21_785_568),
        ("resnet18", 11_176_512),
        ("efficientnet_b0", 4_007_548),
        ("mobilenetv2_100", 2_223_872),
    ],
)
def test_backbones_of_the_paper_have_its_parameters_without_classifier(name, parameters):
    with torch.device("meta"):
        backbone = create_backbone(name, weights=None)
        features = backbone(torch.empty(1, 3, 128, 128))
    assert count_parameters(backbone) == parameters
    assert features.shape[1] == num_features_of(backbone)


def test_a_transformers_tokens_lie_where_their_patches_were():
    torch.manual_seed(0)
    backbone = create_backbone("test_vit", weights=None).eval()
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        features = backbone(image)
        tokens = backbone.network(image)[:, backbone.network.num_prefix_tokens :]
    assert features.shape == (1, num_features_of(backbone), 4, 4)
    assert torch.equal(features[0, :, 1, 2], tokens[0, 6])


def test_a_transformer_embeds_and_its_places_add_up():
    torch.manual_seed(0)
    backbone = create_backbone("test_vit", weights=None)
    network = EmbeddingNet(backbone, num_features_of(backbone), 8).eval()
    with torch.no_grad():
        rows, places = network.embed_places(torch.rand(2, 3, 48, 48))
    assert places.shape == (2, 3, 3, 8)
    torch.testing.assert_close(places.sum(dim=(1, 2)), rows)


def test_pixels_reach_the_backbone_as_its_start_weights_know_them():
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    scale = pixel_scale(mean, std)
    white = scale(torch.ones(1, 3, 1, 1)).flatten()
    expected = [(1 - m) / s for m, s in zip(mean, std, strict=True)]
    torch.testing.assert_close(white, torch.tensor(expected))
    assert not scale.state_dict(), "the scale is part of the recipe, not of the weights"
    assert pixel_scale((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)) is None
