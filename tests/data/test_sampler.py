from pathlib import Path

import numpy as np
import pytest

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.data.sampler import BatchPlan, BatchSampler

NOWHERE = Path("nowhere")
PLAN = BatchPlan(groups=2, group_rows=4, small_groups=3, category_rows=5)


def pair_set(name, groups, *, drawn=True):
    """``groups`` maps a group to the splits of its photos; two sketches a drawn photo."""
    photos, sketches = [], []
    for group, splits in groups.items():
        category = group.rpartition("/")[2]
        for split in splits:
            if drawn and split:
                sketches += [SketchRef(NOWHERE, 0, category, split, len(photos))] * 2
            photos.append(PhotoRef(NOWHERE, category, split, group))
    return PairSet(name, tuple(photos), tuple(sketches))


@pytest.fixture
def sets():
    birds = pair_set(
        "birds",
        {
            "birds/owl": ["train"] * 6 + ["val", "test"],
            "birds/hen": ["train", "train", None, None, "test"],
            "birds/emu": ["train"] * 6,
        },
    )
    doodles = pair_set("doodles", {"doodles/owl": ["train", "test"]}, drawn=False)
    loose = tuple(SketchRef(NOWHERE, i, "owl", s, None) for i, s in enumerate(("train", "test")))
    return [birds, PairSet("doodles", doodles.photos, loose)]


@pytest.fixture
def rows(sets):
    sampler = BatchSampler(sets, PLAN, held_back=frozenset({"emu"}))
    generator = np.random.default_rng(0)
    return [row for _ in range(40) for row in sampler.draw(generator)]


def test_only_training_photos_and_sketches_are_drawn(sets, rows):
    for row in rows:
        assert sets[row.photo_set].photos[row.photo].split in ("train", None)
        if not row.is_edge:
            assert sets[row.sketch_set].sketches[row.sketch].split == "train"


def test_held_back_categories_take_no_part(sets, rows):
    assert {sets[r.photo_set].photos[r.photo].category for r in rows} == {"owl", "hen"}


def test_a_pair_is_a_photo_and_a_sketch_of_that_photo(sets, rows):
    for row in rows:
        if row.block >= 0 and not row.is_edge:
            assert row.sketch_set == row.photo_set
            assert sets[row.sketch_set].sketches[row.sketch].photo == row.photo


def test_photos_of_one_block_differ_and_share_a_group(sets):
    sampler = BatchSampler(sets, BatchPlan(2, 4, 3, category_rows=0), held_back=frozenset())
    for seed in range(20):
        batch = sampler.draw(np.random.default_rng(seed))
        for block in {row.block for row in batch}:
            members = [(r.photo_set, r.photo) for r in batch if r.block == block]
            assert len(set(members)) == len(members)
            assert len({sets[s].photos[p].group for s, p in members}) == 1


def test_categories_count_alike_in_every_set(sets, rows):
    owls = {r.category for r in rows if sets[r.photo_set].photos[r.photo].category == "owl"}
    assert len(owls) == 1


def test_a_sketch_without_a_photo_of_its_own_meets_photos_of_every_set(sets, rows):
    loose = [r for r in rows if r.block == -1]
    assert {r.sketch_set for r in loose} == {1}
    assert {r.photo_set for r in loose} == {0, 1}


def test_small_groups_bring_a_pseudo_sketched_photo_that_nobody_drew(sets, rows):
    edges = [r for r in rows if r.is_edge]
    assert edges
    for row in edges:
        assert (row.sketch_set, row.sketch) == (row.photo_set, row.photo)
        assert sets[row.photo_set].photos[row.photo].split is None


def test_sketches_of_small_groups_meet_photos_that_nobody_drew(sets):
    plan = BatchPlan(groups=0, small_groups=0, category_rows=0, drawn_category_rows=6)
    sampler = BatchSampler(sets, plan, held_back=frozenset())
    rows = [r for seed in range(20) for r in sampler.draw(np.random.default_rng(seed))]
    assert len(rows) == 20 * 6
    assert {sets[0].sketches[r.sketch].category for r in rows} == {"hen"}
    assert {r.photo for r in rows} == {8, 9, 10, 11}
    assert {r.block for r in rows} == {-1}
    assert len({r.category for r in rows}) == 1


def test_a_category_without_photos_is_never_asked_for(sets):
    loose = tuple(SketchRef(NOWHERE, i, "yeti", "train", None) for i in range(3))
    sampler = BatchSampler([*sets, PairSet("loose", (), loose)], PLAN, frozenset())
    batch = [r for s in range(10) for r in sampler.draw(np.random.default_rng(s))]
    assert all(r.sketch_set < 2 for r in batch)


def test_the_same_seed_draws_the_same_batch(sets):
    sampler = BatchSampler(sets, BatchPlan(), held_back=frozenset())
    assert sampler.draw(np.random.default_rng(3)) == sampler.draw(np.random.default_rng(3))


def test_holding_everything_back_is_an_error(sets):
    with pytest.raises(Exception, match="every category is held back"):
        BatchSampler(sets, BatchPlan(), held_back=frozenset({"owl", "hen", "emu"}))
