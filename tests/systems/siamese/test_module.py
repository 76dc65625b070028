from dataclasses import replace
from pathlib import Path

import pytest
import torch

from inkseek.errors import ModelError
from inkseek.models.backbones import count_parameters
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.module import SiameseModule, create_network
from inkseek.training.recipe import read_recipe, read_system

TEACHERS = Path(__file__).parents[3] / "recipes" / "teachers"

PARAMETERS = {
    "vgg19": 20_024_384,
    "vgg16": 14_714_688,
    "resnet101": 42_500_160,
    "densenet201": 18_092_928,
    "resnet50": 23_508_032,
    "inception_v3": 21_785_568,
    "resnet18": 11_176_512,
    "efficientnet_b0": 4_007_548,
    "mobilenetv2": 2_223_872,
}
"""Table 1 of the SketchyNet paper, whose embedding is the pooled features: no head."""


def read_teacher(name):
    path = TEACHERS / f"{name}.yaml"
    assert read_system(path) == "siamese"
    return read_recipe(path, SiameseConfig)


def test_every_backbone_of_table_1_is_a_recipe_and_a_transformer_too():
    assert {path.stem for path in TEACHERS.glob("*.yaml")} == {*PARAMETERS, "dinov2"}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_teacher_has_the_parameters_of_table_1(name):
    config = read_teacher(name)
    with torch.device("meta"):
        network = create_network(config, pretrained=False).eval()
        rows = network(torch.empty(2, 3, 128, 128))
    assert count_parameters(network) == PARAMETERS[name]
    assert rows.shape == (2, config.dim)
    assert (config.canvas_size, config.margin, config.learning_rate) == (256, 0.2, 1e-4)
    assert config.triplet_weight == 1.0
    assert not config.instance_weight + config.category_weight + config.neighbourhood_weight


@pytest.mark.slow
def test_the_transformer_sees_a_side_that_its_patch_divides():
    config = read_teacher("dinov2")
    with torch.device("meta"):
        network = create_network(config, pretrained=False).eval()
        rows = network(torch.empty(1, 3, config.canvas_size, config.canvas_size))
    assert rows.shape == (1, config.dim)
    assert config.canvas_size % 14 == 0


def test_teachers_differ_in_backbone_and_width_alone():
    plain = {
        replace(read_teacher(name), name="", backbone="", dim=0, pixel_mean=(), pixel_std=())
        for name in PARAMETERS
    }
    assert len(plain) == 1


def test_without_a_head_the_width_must_fit():
    config = replace(read_teacher("resnet18"), dim=128)
    with torch.device("meta"), pytest.raises(ModelError, match="dim must be 512, but is 128"):
        create_network(config, pretrained=False)


@pytest.mark.slow
def test_a_teacher_takes_a_step(monkeypatch):
    """Without a head its group of the optimiser is empty, which must not matter."""
    config = SiameseConfig(
        "t", backbone="mobilenetv2_035", weights=None, pad_type="", head=False, dim=1280,
        canvas_size=32, photo_canvas_size=32, early_sizes=(), early_shares=(), steps=2, warmup=1,
        triplet_weight=1.0, instance_weight=0.0, category_weight=0.0, neighbourhood_weight=0.0,
    )  # fmt: skip
    module = SiameseModule(config)
    monkeypatch.setattr(module, "log_dict", lambda *_, **__: None)
    optimiser = module.configure_optimizers()["optimizer"]
    images = torch.randint(0, 255, (4, 3, 32, 32), dtype=torch.uint8)
    batch = {
        "sketch": images,
        "photo": images.flip(0),
        "category": torch.zeros(4, dtype=torch.int64),
        "block": torch.zeros(4, dtype=torch.int64),
        "reference": torch.empty(4, 0),
    }
    before = module.network.backbone.conv_stem.weight.detach().clone()
    loss = module.training_step(batch, 0)
    loss.backward()
    optimiser.step()
    assert loss.item() > 0
    assert not torch.equal(module.network.backbone.conv_stem.weight, before)
