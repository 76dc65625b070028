import pytest

from inkseek.errors import RecipeError
from inkseek.systems.sketchgloc.peers.plan import PeerPlan


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("patch_every", 0),
        ("num_patches", 0),
        ("num_lines", -1),
        ("max_nodes", 0),
        ("num_clusters", 0),
        ("canvas_size", 7),
        ("patch_size", 4),
        ("patch_size", 48),
    ],
)
def test_a_value_that_makes_no_sense_is_named(key, value):
    with pytest.raises(RecipeError, match=key):
        PeerPlan(**{key: value})
