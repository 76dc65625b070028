import pytest
import torch
import yaml
from torch import nn

from inkseek.errors import ModelError, RecipeError
from inkseek.models.backbones import EmbeddingNet, create_backbone, num_features_of
from inkseek.systems.zse.convnet import ConvnetTrunk, find_stage


def image(batch=2):
    return torch.rand(batch, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture
def run(tmp_path):
    """A finished run of a small encoder."""
    torch.manual_seed(3)
    backbone = create_backbone("mobilenetv2_035", weights=None, pad_type="same")
    network = EmbeddingNet(backbone, num_features_of(backbone), 32)
    state = {f"network.{k}": v for k, v in network.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "last.ckpt")
    recipe = {
        "backbone": "mobilenetv2_035",
        "pad_type": "same",
        "dim": 32,
        "canvas_size": 64,
        "photo_canvas_size": 64,
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return tmp_path, network.eval()


def test_the_retrieval_token_starts_as_the_embedding_of_the_run(make_config, run):
    folder, origin = run
    trunk = ConvnetTrunk(make_config("convnet", start=str(folder))).eval()
    tokens = trunk(image()).tokens
    assert tokens.shape == (2, 17, 32)
    embedding = origin(image())
    expected = torch.nn.functional.layer_norm(embedding, (32,), eps=1e-12)
    torch.testing.assert_close(tokens[:, 0], expected, atol=1e-3, rtol=1e-3)


def test_each_token_sees_its_part_of_the_image(make_config):
    torch.manual_seed(0)
    trunk = ConvnetTrunk(make_config("convnet")).eval()
    black, spot = torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)
    spot[:, :, 52:60, 4:12] = 1.0
    change = (trunk.tokenizer(spot) - trunk.tokenizer(black)).norm(dim=2)[0]
    # The last row's first token and, since kernels overlap, its neighbours.
    assert set(change.nonzero()[:, 0].tolist()) <= {8, 9, 12, 13}
    assert change[12] > 0


def test_a_frozen_backbone_gets_no_gradient(make_config):
    trunk = ConvnetTrunk(make_config("convnet"))
    trunk.freeze_backbone()
    trunk(image()).tokens.sum().backward()
    assert all(p.grad is None for p in trunk.backbone.parameters())
    rest = {n: p for n, p in trunk.named_parameters() if not n.startswith("backbone.")}
    assert [n for n, p in rest.items() if p.grad is None] == []


def test_a_run_of_another_network_is_an_error(make_config, run):
    config = make_config("convnet", backbone="mobilenetv2_050", start=str(run[0]))
    with pytest.raises(RecipeError, match="holds mobilenetv2_035, but the trunk is"):
        ConvnetTrunk(config)


def test_a_network_without_such_a_map_is_an_error():
    with pytest.raises(ModelError, match="nothing has no feature map of stride 16; take a convnet"):
        find_stage(nn.Identity(), "nothing")
