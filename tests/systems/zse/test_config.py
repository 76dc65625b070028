import pytest

from inkseek.errors import RecipeError
from inkseek.systems.zse.config import NetworkConfig, ZseConfig

RATES = (1.0, 1.0, 1.0, 0.9, 1.0, 1.0, 0.9, 1.0, 1.0, 0.9, 1.0, 1.0)


def test_the_published_sizes():
    config = NetworkConfig()
    assert (config.grid, config.kept_tokens, config.downsamples) == (14, 196, True)
    assert not NetworkConfig(anchors=196).downsamples


def test_pruning_leaves_the_published_number_of_tokens():
    pruned = NetworkConfig(anchors=144, keep_rates=RATES)
    assert (pruned.kept_tokens, pruned.downsamples) == (144, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"anchors": 50}, "anchors is 50, but there are 196 tokens"),
        ({"anchors": 36, "keep_rates": RATES}, "anchors is 36, but there are 144 tokens"),
        ({"image_size": 100}, "multiple of 16"),
        ({"relation": "pooled", "anchors": 144, "keep_rates": RATES}, "compares places"),
        ({"relation": "pooled", "compat_scrambled_view": True}, "compares places"),
        ({"keep_rates": (0.5,)}, "keep_rates has 1 numbers"),
        ({"trunk": "convnet", "anchors": 144, "keep_rates": RATES}, "of a vit"),
        ({"anchors": 144, "keep_rates": (*RATES[:-1], 1.5)}, "must lie in"),
    ],
)
def test_a_network_that_cannot_be_is_an_error(changes, message):
    with pytest.raises(RecipeError, match=message):
        NetworkConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ranking_weight": 1.0}, "needs negatives"),
        ({"items": 0}, "items is 0"),
        ({"first_stage": "runs/first"}, "first_stage needs negatives"),
        (
            {"first_stage": "runs/first", "negatives": 2, "retrieval_weight": 1.0},
            "leave retrieval_weight out",
        ),
        ({"first_stage": "runs/first", "negatives": 2}, "needs schedule: cosine"),
    ],
)
def test_a_recipe_that_cannot_be_is_an_error(changes, message):
    with pytest.raises(RecipeError, match=message):
        ZseConfig("zse", **changes)
