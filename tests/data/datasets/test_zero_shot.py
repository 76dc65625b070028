import pytest

from inkseek.data.datasets.sketchy_full import plain_category
from inkseek.data.datasets.zero_shot import QUICKDRAW_30, SKETCHY_21, SKETCHY_25, TU_BERLIN_30


@pytest.mark.parametrize(
    ("split", "number"),
    [(SKETCHY_25, 25), (SKETCHY_21, 21), (TU_BERLIN_30, 30), (QUICKDRAW_30, 30)],
)
def test_a_split_has_its_published_number_of_classes_once_each(split, number):
    assert len(split) == len(set(split)) == number
    assert all(plain_category(name) == name for name in split)


def test_sketchys_two_splits_share_four_classes():
    """Counted by hand in the two lists of the release."""
    shared = set(SKETCHY_21) & set(SKETCHY_25)
    assert shared == {"scissors", "tree", "wheelchair", "windmill"}
