import pytest
import torch

from inkseek.models.backbones import count_parameters
from inkseek.systems.zse.config import NetworkConfig
from inkseek.systems.zse.relation import Anchors, RelationNetwork, cosine_matrix


@pytest.fixture
def anchors_of(make_config):
    def make(**changes):
        torch.manual_seed(0)
        return Anchors(make_config(**{"image_size": 128, "anchors": 16, **changes})).eval()

    return make


def patches(seed=0):
    return torch.randn(1, 64, 32, generator=torch.Generator().manual_seed(seed))


def changed_rows(before, after):
    return (before - after).abs().amax(2)[0].gt(1e-6).nonzero()[:, 0].tolist()


@pytest.mark.parametrize(
    ("anchors", "expected"), [(49, 840_792), (144, 36_082_657), (196, 105_954_465)]
)
def test_the_published_relation_networks_have_the_published_parameters(anchors, expected):
    with torch.device("meta"):
        assert count_parameters(RelationNetwork(anchors, 0.1)) == expected


def test_the_published_convolution_has_the_published_parameters():
    with torch.device("meta"):
        assert count_parameters(Anchors(NetworkConfig())) == 1_573_376


@pytest.mark.parametrize("place", [0, 9, 30, 63])
def test_one_token_changes_the_one_anchor_that_lies_there(anchors_of, place):
    anchors, tokens = anchors_of(), patches()
    moved = tokens.clone()
    moved[:, place] += 1.0
    row, column = place // 8 // 2, place % 8 // 2
    assert changed_rows(anchors(tokens), anchors(moved)) == [row * 4 + column]


def test_the_released_form_scrambles_places(anchors_of):
    anchors, tokens = anchors_of(compat_scrambled_view=True), patches()
    moved = tokens.clone()
    moved[:, 9] += 1.0
    assert len(changed_rows(anchors(tokens), anchors(moved))) > 1


@pytest.mark.parametrize(("scrambled", "follows"), [(False, True), (True, False)])
def test_blocks_of_patches_that_change_places_take_their_anchors_along(
    anchors_of, scrambled, follows
):
    anchors, tokens = anchors_of(compat_scrambled_view=scrambled), patches()
    order = torch.randperm(16, generator=torch.Generator().manual_seed(1))
    grid = tokens.reshape(4, 2, 4, 2, 32).permute(0, 2, 1, 3, 4).reshape(16, 2, 2, 32)[order]
    moved = grid.reshape(4, 4, 2, 2, 32).permute(0, 2, 1, 3, 4).reshape(1, 64, 32)
    assert torch.allclose(anchors(moved), anchors(tokens)[:, order], atol=1e-6) is follows


def test_all_tokens_are_anchors_where_nothing_is_downsampled(anchors_of):
    tokens = patches()
    assert torch.equal(anchors_of(anchors=64)(tokens), tokens)


def test_cosines_of_equal_anchors_have_ones_on_the_diagonal():
    cosines = cosine_matrix(patches(), patches())
    torch.testing.assert_close(cosines.diagonal(dim1=1, dim2=2), torch.ones(1, 64))
    assert cosines.abs().max() <= 1 + 1e-6


def test_cosines_agree_with_torch_and_zero_anchors_give_zero():
    sketch, photo = patches(1), patches(2)
    sketch[0, 3] = 0.0
    expected = torch.nn.functional.cosine_similarity(sketch[:, :, None], photo[:, None], dim=3)
    cosines = cosine_matrix(sketch, photo)
    torch.testing.assert_close(cosines, expected)
    assert cosines[0, 3].eq(0).all()
