import pytest

from inkseek.data.datasets.sketchy_full import read_sketchy_full
from inkseek.data.tasks import make_tasks
from inkseek.errors import DatasetError


def test_the_test_set_of_the_release_is_the_test_split(sketchy_full):
    pairs = read_sketchy_full(sketchy_full)
    assert [(p.category, p.path.stem, p.split == "test") for p in pairs.photos] == [
        ("cup", "n2_1", True), ("sea turtle", "n1_1", False), ("sea turtle", "n1_2", True),
    ]  # fmt: skip
    assert [s.photo for s in pairs.sketches] == [0, 0, 1, 1, 2, 2]
    assert all(s.split == pairs.photos[s.photo].split for s in pairs.sketches)


def test_sketches_compete_with_test_photos_of_their_category(sketchy_full):
    (task,) = make_tasks([read_sketchy_full(sketchy_full)], "test", frozenset())
    assert task.gallery.tolist() == [0, 2]
    assert task.allowed.sum(1).tolist() == [1, 1, 1, 1]
    assert task.is_instance


def test_folders_may_lie_as_the_archives_unpack(sketchy_full):
    (sketchy_full / "rendered_256x256").mkdir()
    (sketchy_full / "256x256").rename(sketchy_full / "rendered_256x256/256x256")
    (sketchy_full / "info-06-04").mkdir()
    (sketchy_full / "info").rename(sketchy_full / "info-06-04/info")
    assert len(read_sketchy_full(sketchy_full).sketches) == 6


def test_lost_photos_and_other_aspects_are_named(sketchy_full):
    with pytest.raises(DatasetError, match=r"photos in .*tx_000100000000: nothing found"):
        read_sketchy_full(sketchy_full, aspect="tx_000100000000")
    (sketchy_full / "256x256/photo/tx_000000000000/sea_turtle/n1_1.jpg").unlink()
    with pytest.raises(DatasetError, match=r"n1_1-1.png was drawn of no photo"):
        read_sketchy_full(sketchy_full)
    (sketchy_full / "256x256/photo/tx_000000000000/cup/n2_1.jpg").unlink()
    with pytest.raises(DatasetError, match=r"such as cup/n2_1|nothing found"):
        read_sketchy_full(sketchy_full)
    (sketchy_full / "info/testset.txt").unlink()
    with pytest.raises(DatasetError, match=r"no file .*testset.txt"):
        read_sketchy_full(sketchy_full)
