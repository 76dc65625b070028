import pytest
import torch
from safetensors.torch import save_file

from inkseek.errors import ModelError
from inkseek.models.backbones import count_parameters
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.vit import VitTrunk, attend_and_prune, attention_of_class, create_vit


def image(batch=2, side=64):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_published_vit_and_tokenizer_have_the_published_parameters():
    with torch.device("meta"):
        trunk = VitTrunk(NetworkConfig())
    vit = trunk.vit
    assert count_parameters(vit) == 85_798_656
    assert count_parameters(vit.patch_embed) == 590_592
    assert [count_parameters(block) for block in vit.blocks] == [7_087_872] * 12
    assert (vit.cls_token.numel(), vit.pos_embed.numel()) == (768, 151_296)
    assert count_parameters(trunk.tokenizer) == 2_147_520


def test_without_tokenizer_and_halving_it_is_the_vit_itself(make_config):
    torch.manual_seed(0)
    trunk = VitTrunk(make_config()).eval()
    expected = trunk.vit.forward_features(image())
    with torch.no_grad():
        for convolution in (trunk.tokenizer.layers[-1],):
            convolution.weight.zero_()
        trunk.vit.patch_embed.proj.weight.mul_(2.0)
        trunk.vit.patch_embed.proj.bias.mul_(2.0)
    torch.testing.assert_close(trunk(image()).tokens, expected)


def test_pruning_drops_what_the_class_token_attends_to_least(make_config):
    torch.manual_seed(0)
    block = create_vit(make_config()).eval().blocks[0]
    tokens = torch.randn(2, 17, 32)
    places = torch.arange(16).expand(2, -1)
    weight = attention_of_class(block.attn, block.norm1(tokens))
    assert (weight.sum(1) < 1).all()  # the class token keeps something for itself
    kept, left = attend_and_prune(block, tokens, places, 0.5)
    whole = block(tokens)
    for b in range(2):
        expected = sorted(weight[b].topk(8).indices.tolist())
        assert left[b].tolist() == expected
        # What is kept is what the whole block makes of it, in its old order.
        torch.testing.assert_close(kept[b], whole[b][[0, *(i + 1 for i in expected)]])


def test_class_attention_is_that_of_the_block(make_config):
    """Values that name their token let the attention be read off its output."""
    torch.manual_seed(0)
    block = create_vit(make_config(heads=1)).eval().blocks[0]
    attention = block.attn
    with torch.no_grad():
        attention.qkv.weight[64:].zero_()
        attention.qkv.bias[64:].zero_()
        attention.proj.weight.copy_(torch.eye(32))
        attention.proj.bias.zero_()
    normed = torch.randn(1, 17, 32)
    weight = attention_of_class(attention, normed)
    for i in range(16):
        # Make token i the only one with a value.
        with torch.no_grad():
            attention.qkv.weight[64:].copy_(torch.linalg.pinv(normed[0]).T[i + 1].expand(32, -1))
        torch.testing.assert_close(attention(normed)[0, 0, 0], weight[0, i], atol=1e-4, rtol=1e-3)


def test_a_pruned_trunk_says_which_places_it_kept(make_config):
    torch.manual_seed(0)
    config = make_config(keep_rates=(0.75, 0.75), anchors=9)
    encoded = VitTrunk(config).eval()(image())
    assert encoded.tokens.shape == (2, 10, 32)
    assert all(places == sorted(set(places)) for places in encoded.places.tolist())


def test_weights_come_from_a_file_by_path(make_config, tmp_path):
    torch.manual_seed(1)
    origin = create_vit(make_config())
    extra = {"head.weight": torch.zeros(3, 32), "head.bias": torch.zeros(3)}
    save_file({**origin.state_dict(), **extra}, tmp_path / "vit.safetensors")
    torch.save({**origin.state_dict(), **extra}, tmp_path / "vit.pth")
    for name in ("vit.safetensors", "vit.pth"):
        config = make_config(weights=str(tmp_path / name))
        found = create_vit(config).state_dict()
        assert all(torch.equal(found[k], v) for k, v in origin.state_dict().items())


def test_weights_that_do_not_fit_or_are_missing_are_an_error(make_config, tmp_path):
    save_file({"cls_token": torch.zeros(1, 1, 8)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="does not fit the ViT of the recipe"):
        create_vit(make_config(weights=str(tmp_path / "other.safetensors")))
    with pytest.raises(ModelError, match="no start weights at"):
        create_vit(make_config(weights=str(tmp_path / "none.safetensors")))


@pytest.mark.parametrize("name", ["vit_of_nobody", "mobilenetv2_100"])
def test_a_name_that_is_no_vit_is_an_error(make_config, name):
    with pytest.raises(ModelError, match="timm has no ViT"):
        create_vit(make_config(backbone=name))
