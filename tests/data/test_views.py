from pathlib import Path

import numpy as np
import pytest

from inkseek.data.pack import PackedSet, PackedSketches
from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.data.sampler import Row
from inkseek.data.views import ViewConfig, make_views
from inkseek.raster.draw import flatten
from inkseek.strokes.sketch import Sketch

PLAIN = ViewConfig(
    flip=0.0, drop=0.0, edge_drop=0.0, jitter=0.0, stroke_jitter=0.0, rotation=0.0, stretch=0.0,
    crop=1.0, colour=0.0, gray=0.0,
)  # fmt: skip


@pytest.fixture
def packed(generator):
    hook = Sketch(
        (np.float32([[0, 0], [0, 100], [60, 100]]), np.float32([[20, 20], [30, 20]])), 1.0
    )
    photo = generator.integers(0, 256, (1, 40, 40, 3), dtype=np.uint8)
    pairs = PairSet(
        "one",
        (PhotoRef(Path(), "a", "train", "g"),),
        (SketchRef(Path(), 0, "a", "train", 0),),
    )
    sketches = PackedSketches(*flatten([hook]))
    return PackedSet(pairs, photo, sketches, PackedSketches(*flatten([Sketch((), 1.0)])))


PAIR = Row(0, 0, 0, 0, is_edge=False, category=7, block=2)


def views(packed, config, seed=0, row=PAIR, side=40):
    return make_views([row], [packed], (side,), side, config, np.random.default_rng(seed))


def test_without_augmentation_the_photo_is_itself(packed):
    made = views(packed, PLAIN)
    np.testing.assert_array_equal(made.photo, packed.photos)
    assert (made.category.tolist(), made.block.tolist()) == ([7], [2])
    assert made.sketches[40].min() < 200


def test_both_sides_of_a_pair_are_mirrored_together(packed):
    always = ViewConfig(**{**PLAIN.__dict__, "flip": 1.0, "thinnest": 0.02, "thickest": 0.02})
    never = ViewConfig(**{**always.__dict__, "flip": 0.0})
    mirrored, plain = views(packed, always), views(packed, never)
    np.testing.assert_array_equal(mirrored.photo, plain.photo[:, :, ::-1])
    difference = np.abs(mirrored.sketches[40].astype(int) - plain.sketches[40][:, :, ::-1]).mean()
    assert difference < 1


def test_the_seed_decides_everything(packed):
    first, again, other = (views(packed, ViewConfig(), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.sketches[40], again.sketches[40])
    np.testing.assert_array_equal(first.photo, again.photo)
    assert not np.array_equal(first.photo, other.photo)


def test_a_photo_without_edges_gives_a_blank_pseudo_sketch(packed):
    edge = Row(0, 0, 0, 0, is_edge=True, category=7, block=2)
    assert views(packed, ViewConfig(), row=edge).sketches[40].min() == 255
