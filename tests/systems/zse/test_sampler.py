import numpy as np
import pytest

from inkseek.errors import RecipeError
from inkseek.systems.zse.sampler import ItemSampler


def draws(sampler, count=300, seed=0):
    return sampler.draw(count, np.random.default_rng(seed))


def test_sketches_and_photo_are_of_one_category_the_other_photo_of_another(families):
    pairs = families.pairs
    for item in draws(ItemSampler([pairs], frozenset())):
        first = pairs.sketches[item.positive.sketch].category
        assert pairs.sketches[item.negative.sketch].category == first
        assert pairs.photos[item.positive.photo].category == first
        assert pairs.photos[item.negative.photo].category != first


def test_category_numbers_are_those_of_the_photos(families):
    pairs = families.pairs
    sampler = ItemSampler([pairs], frozenset())
    for item in draws(sampler, 50):
        for row in (item.positive, item.negative):
            assert sampler.categories[row.category] == pairs.photos[row.photo].category


def test_every_training_file_is_drawn_sometime(families):
    items = draws(ItemSampler([families.pairs], frozenset()), 3000)
    assert {i.positive.sketch for i in items} == set(range(len(families.pairs.sketches)))
    assert {i.negative.photo for i in items} == set(range(len(families.pairs.photos)))


def test_absent_categories_take_no_part(families):
    absent = frozenset({"family 0", "family 10"})
    pairs = families.pairs
    seen = {
        pairs.photos[row.photo].category
        for item in draws(ItemSampler([pairs], absent))
        for row in (item.positive, item.negative)
    }
    assert seen == {p.category for p in pairs.photos} - absent


def test_the_very_photo_can_be_asked_for(families):
    sampler = ItemSampler([families.pairs], frozenset(), own_photo=1.0)
    for item in draws(sampler, 50):
        assert families.pairs.sketches[item.positive.sketch].photo == item.positive.photo


def test_one_category_alone_is_an_error(families):
    absent = frozenset(f"family {i}" for i in range(10))
    with pytest.raises(RecipeError, match="1 categories have both sketches and photos"):
        ItemSampler([families.pairs], absent)


def test_what_may_be_drawn_is_listed_by_category(families):
    absent = frozenset(f"family {i}" for i in range(11) if i not in (2, 5))
    sampler, pairs = ItemSampler([families.pairs], absent), families.pairs
    for listed, refs in (
        (sampler.list_sketches(), pairs.sketches),
        (sampler.list_photos(), pairs.photos),
    ):
        wanted = [i for i, ref in enumerate(refs) if ref.category in {"family 2", "family 5"}]
        assert sorted(i for _, i, _ in listed) == wanted
        assert all(refs[i].category == sampler.categories[c] for _, i, c in listed)
        assert {s for s, *_ in listed} == {0}
