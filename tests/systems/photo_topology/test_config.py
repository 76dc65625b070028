import pytest

from inkseek.errors import RecipeError
from inkseek.systems.photo_topology.config import TopologyConfig


def test_the_defaults_are_the_settings_of_the_paper():
    config = TopologyConfig("t")
    assert (config.resize, config.canvas_size, config.batch_size) == (299, 256, 16)
    assert (config.sketch_margin, config.topology_margin, config.topology_weight) == (0.1, 0.01, 1)
    assert (config.optimiser, config.momentum, config.learning_rate) == ("sgd", 0.9, 1e-3)
    assert config.inner_step == 1e-3


def test_the_inner_rate_follows_the_learning_rate_unless_given():
    assert TopologyConfig("t", learning_rate=0.5).inner_step == 0.5
    assert TopologyConfig("t", learning_rate=0.5, inner_rate=0.1).inner_step == 0.1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "maml"}, "method is 'maml'; it must be one of triplet, multi_task, meta"),
        ({"optimiser": "lion"}, "sgd, adam, adamw"),
        ({"norms": "shared"}, "batch, frozen"),
        ({"batch_size": 1}, "at least 2 sketches"),
        ({"canvas_size": 300}, "fit in resize 299"),
        ({"pairs": -1}, "must not be negative"),
        ({"topology_weight": -0.5}, "must not be negative"),
        ({"pixel_std": (0.5, 0.0, 0.5)}, "none may be 0"),
    ],
)
def test_a_value_that_means_nothing_is_refused(changes, message):
    with pytest.raises(RecipeError, match=message):
        TopologyConfig("t", **changes)
