from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.data.views import ViewConfig
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.stored import load_stored

STILL = ViewConfig(
    flip=0.0,
    drop=0.0,
    jitter=0.0,
    stroke_jitter=0.0,
    rotation=0.0,
    stretch=0.0,
    crop=1.0,
    colour=0.0,
    gray=0.0,
)
LEARNT = frozenset({"family 0", "family 4"})


@pytest.fixture
def config(make_config):
    return ZseConfig("zse", make_config(), stored=40, views=STILL)


@pytest.fixture
def absent(families):
    return frozenset({photo.category for photo in families.pairs.photos} - LEARNT)


def test_every_sketch_and_photo_of_the_categories_comes_before_one_comes_again(
    vit, config, families, absent, tmp_path
):
    stored = load_stored(vit, config, [families], absent, tmp_path)
    assert stored.sketch.shape == stored.photo.shape == (40, 17, 32)
    # Sixteen sketches and sixteen photos of the two: 40 views are twice all and eight more.
    for counts in (stored.sketch_category.bincount(), stored.photo_category.bincount()):
        assert counts.sum() == 40
        assert counts.min() >= 16
    # Nothing about a photo is drawn here, so that the same photo gives the same tokens.
    assert len(torch.unique(stored.photo.flatten(1), dim=0)) == 16


def test_what_is_stored_is_what_the_trunk_says(vit, config, families, absent, tmp_path):
    from inkseek.systems.zse.encode import encode_photos

    stored = load_stored(vit, config, [families], absent, tmp_path)
    wanted = [i for i, p in enumerate(families.pairs.photos) if p.category in LEARNT]
    encoded = encode_photos(vit, [families.photos[i] for i in wanted]).tokens
    own = torch.nn.functional.normalize(stored.photo[:, 0].float())
    nearest = (own @ torch.nn.functional.normalize(encoded[:, 0]).T).max(1)
    assert nearest.values.min() > 0.99
    categories = sorted(LEARNT)
    said = [categories.index(families.pairs.photos[wanted[j]].category) for j in nearest.indices]
    assert np.mean(np.array(said) == stored.photo_category.numpy()) > 0.9


def test_a_second_load_reads_the_cache(vit, config, families, absent, tmp_path, monkeypatch):
    first = load_stored(vit, config, [families], absent, tmp_path)
    monkeypatch.setattr("inkseek.systems.zse.stored.encode_views", None)
    again = load_stored(vit, config, [families], absent, tmp_path)
    for name, value in vars(first).items():
        assert torch.equal(getattr(again, name), value), name
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]


@pytest.mark.parametrize("change", ["weights", "seed", "views", "categories"])
def test_tokens_of_something_else_are_not_taken(
    make_config, vit, config, families, absent, tmp_path, change
):
    load_stored(vit, config, [families], absent, tmp_path)
    if change == "weights":
        torch.manual_seed(1)
        vit = ZseNetwork(make_config()).eval()
    elif change == "seed":
        config = replace(config, seed=7)
    elif change == "views":
        config = replace(config, views=replace(STILL, flip=1.0))
    else:
        absent = absent - {"family 5"}
    load_stored(vit, config, [families], absent, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
