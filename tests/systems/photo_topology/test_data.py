from dataclasses import replace

import numpy as np
import pytest
import torch

from inkseek.data.pack import PackedSet
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.errors import RecipeError
from inkseek.raster.draw import draw
from inkseek.raster.photo import fit_square
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.data import TripletStream
from inkseek.systems.photo_topology.neighbours import photo_distances


def tiny(**changes):
    values = {"canvas_size": 24, "resize": 28, "batch_size": 8, "steps": 9, "seed": 3}
    return TopologyConfig("t", **values | changes)


def distances_of(packed):
    rows = np.random.default_rng(0).normal(size=(len(packed.photos), 3))
    return photo_distances(rows.astype(np.float32))


def stream_of(packed, config, absent=frozenset(), first_step=0):
    return TripletStream(config, [packed], [distances_of(packed)], absent, first_step)


@pytest.fixture
def mixed(shapes) -> PackedSet:
    """Twelve shapes drawn for training, one for validation, and three that nobody drew."""
    splits = ["train"] * 12 + ["val"] + [None] * 3
    photos = [
        PhotoRef(p.path, "late" if i == 15 else "shape", split, p.group)
        for i, (p, split) in enumerate(zip(shapes.pairs.photos, splits, strict=True))
    ]
    sketches = [
        SketchRef(s.path, 0, "shape", splits[s.photo] or "test", s.photo)
        for s in shapes.pairs.sketches
    ]
    return replace(shapes, pairs=PairSet("mixed", tuple(photos), tuple(sketches)))


def test_an_epoch_shows_each_training_sketch_once(mixed):
    stream = stream_of(mixed, tiny(steps=3, flip=0.0, canvas_size=28))
    assert stream.batches_per_epoch == 3
    shown = torch.cat([b["identity"] for b in stream])
    assert sorted(shown.tolist()) == sorted(list(range(12)) * 2)


def test_rows_belong_together_and_the_reference_is_read_at_them(mixed):
    batch = stream_of(mixed, tiny(flip=0.0, canvas_size=28, unpaired=2)).batch(4)
    distances = distances_of(mixed)
    identity = batch["identity"].tolist()
    assert set(identity[8:]) <= {13, 14, 15}
    pixels = torch.cat([batch["photo"], batch["undrawn"]]).permute(0, 2, 3, 1).numpy()
    for row, photo in enumerate(identity):
        assert np.array_equal(pixels[row], fit_square(mixed.photos[photo], 28))
    for row, photo in enumerate(identity[:8]):
        # The two sketches of a photo are the same drawing.
        ink = draw(mixed.sketches[2 * photo], 28)
        assert np.array_equal(batch["sketch"][row, 0].numpy(), ink)
        assert np.array_equal(batch["reference"][row].numpy(), distances[photo, identity])


def test_a_pair_is_mirrored_together_and_cropped_apart(mixed):
    plain, mirrored = (stream_of(mixed, tiny(flip=p, canvas_size=28)) for p in (0.0, 1.0))
    for key in ("sketch", "photo"):
        assert torch.equal(plain.batch(0)[key].flip(3), mirrored.batch(0)[key])
    halves = stream_of(mixed, tiny(flip=0.5, canvas_size=28)).batch(0)
    turned = [
        [not torch.equal(a, b) for a, b in zip(halves[key], plain.batch(0)[key], strict=True)]
        for key in ("sketch", "photo")
    ]
    # An upright symmetric shape looks the same in a mirror, so compare where both can show it.
    upright = [torch.equal(s, s.flip(2)) for s in plain.batch(0)["sketch"]]
    agree = [a == b for a, b, same in zip(*turned, upright, strict=True) if not same]
    assert agree
    assert all(agree)
    assert any(turned[0])


def test_a_crop_is_a_window_of_the_scaled_image(mixed):
    stream = stream_of(mixed, tiny(flip=0.0))
    batch = stream.batch(1)
    corners = set()
    for image, photo in zip(batch["photo"], batch["identity"].tolist(), strict=True):
        whole = fit_square(mixed.photos[photo], 28)
        window = image.permute(1, 2, 0).numpy()
        found = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.array_equal(whole[y : y + 24, x : x + 24], window)
        ]
        assert found
        corners.update(found)
    assert len(corners) > 3


def test_a_batch_depends_on_the_seed_and_its_number_alone(mixed):
    whole = list(stream_of(mixed, tiny(unpaired=1)))
    resumed = list(stream_of(mixed, tiny(unpaired=1), first_step=5))
    assert len(whole) == 9
    assert len(resumed) == 4
    for expected, actual in zip(whole[5:], resumed, strict=True):
        assert all(torch.equal(expected[key], actual[key]) for key in expected)
    assert not torch.equal(whole[0]["identity"], whole[3]["identity"])
    other = stream_of(mixed, tiny(unpaired=1, seed=4)).batch(0)
    assert not torch.equal(whole[0]["identity"], other["identity"])


def test_undrawn_photos_can_be_switched_off_and_absent_categories_stay_out(mixed):
    assert stream_of(mixed, tiny()).batch(0)["undrawn"].shape == (0, 3, 24, 24)
    shown = {
        int(photo)
        for batch in stream_of(mixed, tiny(unpaired=3), frozenset({"late"}))
        for photo in batch["identity"][8:]
    }
    assert shown == {13, 14}
    with pytest.raises(RecipeError, match="no data set has 8 training sketches"):
        stream_of(mixed, tiny(), frozenset({"shape"}))


def test_what_cannot_be_had_is_an_error(shapes):
    with pytest.raises(RecipeError, match="lower batch_size"):
        stream_of(shapes, tiny(batch_size=33))
    with pytest.raises(RecipeError, match="set unpaired to 0"):
        stream_of(shapes, tiny(unpaired=1))
