from pathlib import Path

import numpy as np
import pytest

from inkseek.data.pairs import PairSet, PhotoRef, SketchRef
from inkseek.data.tasks import make_tasks, spread

HERE = Path()


def photo(category, split, group):
    return PhotoRef(HERE, category, split, group)


def sketch(category, split, index):
    return SketchRef(HERE, 0, category, split, index)


SKETCHY = PairSet(
    "sketchy-mini",
    (
        photo("owl", "test", "sketchy/owl"),
        photo("owl", None, "sketchy/owl"),
        photo("hen", "test", "sketchy/hen"),
        photo("emu", "val", "sketchy/emu"),
        photo("emu", None, "sketchy/emu"),
    ),
    (
        sketch("owl", "test", 0),
        sketch("owl", "test", 0),
        sketch("hen", "test", 2),
        sketch("emu", "val", 3),
    ),
)


def by_name(tasks):
    return {task.name: task for task in tasks}


def test_in_category_tasks_compete_with_their_category_only():
    task = by_name(make_tasks([SKETCHY], "test", frozenset({"emu"})))["sketchy/in-category"]
    assert task.queries.tolist() == [0, 1, 2]
    assert task.allowed.sum(1).tolist() == [2, 2, 1]
    assert task.relevant.sum(1).tolist() == [1, 1, 1]
    assert task.clusters.tolist() == [0, 0, 2]
    assert task.is_instance


def test_unseen_categories_ask_with_every_sketch_and_only_for_the_test():
    tasks = by_name(make_tasks([SKETCHY], "test", frozenset({"emu"})))
    assert tasks["sketchy/unseen"].queries.tolist() == [3]
    assert tasks["sketchy/unseen"].gallery.tolist() == [3, 4]
    assert "sketchy/unseen" not in by_name(make_tasks([SKETCHY], "val", frozenset({"emu"})))


def test_shoes_are_searched_among_their_split_and_among_all_distractors():
    photos = (
        photo("shoe", "test", "shoes"),
        photo("shoe", "train", "shoes"),
        photo("shoe", None, "shoes/more"),
    )
    shoes = PairSet("shoes", photos, (sketch("shoe", "test", 0), sketch("shoe", "train", 1)))
    tasks = by_name(make_tasks([shoes], "test", frozenset()))
    assert tasks["shoes"].gallery.tolist() == [0]
    assert tasks["shoes/+2000"].gallery.tolist() == [0, 2]
    assert np.flatnonzero(tasks["shoes/+2000"].relevant[0]).tolist() == [0]


def test_stand_ins_for_unseen_categories_ask_with_sketches_the_test_does_not_need():
    tasks = by_name(make_tasks([SKETCHY], "val", frozenset({"hen"}), frozenset({"owl", "emu"})))
    assert tasks["sketchy/stand-in"].queries.tolist() == [3]
    assert tasks["sketchy/stand-in"].gallery.tolist() == [0, 1, 3, 4]
    assert "sketchy/category" not in tasks  # no seen category with a validation sketch is left


def test_validation_never_looks_at_unseen_categories():
    tasks = by_name(make_tasks([SKETCHY], "val", frozenset({"owl", "hen"})))
    assert tasks["sketchy/category"].gallery.tolist() == [3, 4]


def test_no_category_of_quickdraw_asks_more_than_ten_times():
    photos = (photo("cat", "test", "q"), photo("dog", "test", "q"))
    loose = [sketch("cat", "test", None)] * 30 + [sketch("dog", "test", None)] * 3
    pairs = PairSet("quickdraw", photos, tuple(loose))
    task = by_name(make_tasks([pairs], "test", frozenset()))["quickdraw/category"]
    assert task.queries.tolist() == [*range(10), 30, 31, 32]


@pytest.fixture
def quickdraw():
    """Photos of three categories in each split, and a loose sketch of each."""
    both = [(name, split) for name in ("cat", "dog", "emu") for split in ("train", "val", "test")]
    photos = tuple(photo(name, split, "q") for name, split in both)
    return PairSet("quickdraw", photos, tuple(sketch(*one, None) for one in both))


def test_unseen_categories_of_quickdraw_are_asked_for_in_the_test_alone(quickdraw):
    tested = by_name(make_tasks([quickdraw], "test", frozenset({"emu"})))["quickdraw/unseen"]
    assert tested.queries.tolist() == tested.gallery.tolist() == [6, 8]
    validated = by_name(make_tasks([quickdraw], "val", frozenset({"emu"})))
    assert list(validated) == ["quickdraw/category"]
    assert validated["quickdraw/category"].queries.tolist() == [1, 4]


def test_stand_ins_of_quickdraw_leave_the_test_its_photos(quickdraw):
    tasks = by_name(make_tasks([quickdraw], "val", frozenset({"emu"}), frozenset({"dog"})))
    assert tasks["quickdraw/stand-in"].queries.tolist() == [3, 4]
    assert tasks["quickdraw/stand-in"].gallery.tolist() == [3, 4]
    assert tasks["quickdraw/category"].gallery.tolist() == [1]


def test_a_subset_keeps_what_belongs_to_its_queries_and_photos():
    task = by_name(make_tasks([SKETCHY], "test", frozenset({"emu"})))["sketchy/in-category"]
    small = task.subset(np.array([2, 0]), np.array([4, 0, 2]))
    assert small.name == task.name
    assert small.queries.tolist() == [2, 0]
    assert small.gallery.tolist() == [4, 0, 2]
    assert small.relevant.tolist() == [[False, False, True], [False, True, False]]
    assert small.allowed.tolist() == [[False, False, True], [False, True, False]]
    assert small.clusters.tolist() == [2, 0]
    assert len(task.queries) == 3  # the whole task is as it was


def test_a_subset_of_queries_keeps_the_gallery():
    task = by_name(make_tasks([SKETCHY], "test", frozenset({"emu"})))["sketchy/all"]
    small = task.subset(np.array([1]))
    assert small.gallery.tolist() == task.gallery.tolist()
    assert small.relevant.tolist() == task.relevant[1:2].tolist()


def test_spreading_takes_both_ends_and_never_a_position_twice():
    assert spread(10, 4).tolist() == [0, 3, 6, 9]
    assert spread(3, 10).tolist() == [0, 1, 2]
    assert spread(0, 10).tolist() == []
    for count in range(1, 40):
        for most in range(1, 40):
            assert len({*spread(count, most).tolist()}) == min(count, most)
