import numpy as np
import pytest
import torch

from inkseek.data.views import ViewConfig
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.data import ItemStream

PLAIN = ViewConfig(
    flip=0.0, drop=0.0, jitter=0.0, stroke_jitter=0.0, rotation=0.0, stretch=0.0, crop=1.0
)


@pytest.fixture
def stream(families, make_config):
    config = ZseConfig("zse", network=make_config(), items=3, steps=9, views=PLAIN)
    rows = np.arange(len(families.photos), dtype=np.float32)[:, None]
    return ItemStream(config, [families], [rows], frozenset({"family 0"}), first_step=4)


def test_a_batch_holds_two_sketches_and_two_photos_an_item(stream):
    batch = stream.batch(0)
    assert batch["sketch"].shape == batch["photo"].shape == (6, 3, 64, 64)
    assert batch["sketch"].dtype == batch["photo"].dtype == torch.uint8
    own, others = batch["photo_category"].chunk(2)
    assert torch.equal(batch["sketch_category"], own.repeat(2))
    assert (own != others).all()


def test_references_are_those_of_the_photos(stream, families):
    batch = stream.batch(0)
    for number, category in zip(batch["reference"][:, 0], batch["photo_category"], strict=True):
        found = families.pairs.photos[int(number)].category
        assert stream.sampler.categories[int(category)] == found


def test_a_batch_depends_on_its_step_alone(stream):
    batches = list(stream)
    assert [int(b["step"]) for b in batches] == [4, 5, 6, 7, 8]
    again = stream.batch(6)
    assert all(torch.equal(batches[2][key], again[key]) for key in again)
    assert not torch.equal(batches[1]["sketch"], again["sketch"])
