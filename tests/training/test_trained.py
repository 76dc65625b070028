import pytest
import torch

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.errors import ModelError
from inkseek.models.backbones import EmbeddingNet, create_backbone, num_features_of
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE
from inkseek.training.trained import load_teacher, load_trained, read_averaged

BACKBONE = "mobilenetv2_035"


@pytest.fixture
def network():
    torch.manual_seed(0)
    backbone = create_backbone(BACKBONE, weights=None, pad_type="same")
    return EmbeddingNet(backbone, num_features_of(backbone), 8)


@pytest.fixture
def run(network, tmp_path):
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / CHECKPOINT)
    (tmp_path / RECIPE).write_text(
        f"backbone: {BACKBONE}\npad_type: same\ndim: 8\ncanvas_size: 32\nphoto_canvas_size: 64\n"
    )
    return tmp_path


def test_a_run_gives_back_the_network_it_holds_with_its_sizes(run, network):
    trained = load_trained(run)
    image = torch.randn(2, 3, 32, 32)
    network.eval()
    torch.testing.assert_close(trained.network(image), network(image))
    assert (trained.canvas_size, trained.photo_size, trained.dim) == (32, 64, 8)
    assert not trained.network.training


def test_pooled_features_without_a_width_become_unit_rows(run, network):
    """As photo topology trains them: no head, and one side for sketches and photos."""
    backbone = network.backbone
    state = {f"network.backbone.{key}": value for key, value in backbone.state_dict().items()}
    torch.save({"state_dict": state}, run / CHECKPOINT)
    (run / RECIPE).write_text(f"backbone: {BACKBONE}\npad_type: same\ncanvas_size: 32\n")
    trained = load_trained(run)
    pooled = backbone.eval()(image := torch.randn(2, 3, 32, 32)).mean(dim=(2, 3))
    expected = pooled / pooled.norm(dim=1, keepdim=True)
    torch.testing.assert_close(trained.network(image), expected)
    assert not trained.has_head
    assert (trained.dim, trained.canvas_size, trained.photo_size) == (pooled.shape[1], 32, 32)
    teacher = load_teacher([run])
    torch.testing.assert_close(teacher.network(image), expected)


def test_a_shipped_model_can_be_started_from():
    state = read_averaged(find_asset("models/default"))
    assert state["head.weight"].shape[0] == Encoder.load("default").dim
    assert all(value.dtype == torch.float32 for value in state.values())


def test_an_empty_folder_says_to_train_first(tmp_path):
    with pytest.raises(ModelError, match="train it first"):
        read_averaged(tmp_path)


def test_a_recipe_of_another_network_is_an_error(run):
    (run / RECIPE).write_text("name: other\n")
    with pytest.raises(ModelError, match="holds no encoder"):
        load_trained(run)
