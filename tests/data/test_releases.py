from dataclasses import replace

import pytest

from inkseek.data.pack import pack
from inkseek.data.releases import RELEASES, find_release, read_release
from inkseek.data.sets import held_back, read_set
from inkseek.data.tasks import make_tasks
from inkseek.data.verify import Count, count
from inkseek.errors import DatasetError, RecipeError


@pytest.fixture
def small(monkeypatch):
    """Take a release's counts from a tiny tree instead."""

    def patch(name, **numbers):
        expected = {key.replace("_", " "): Count(value) for key, value in numbers.items()}
        monkeypatch.setitem(RELEASES, name, replace(RELEASES[name], expected=expected))

    return patch


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shoev2", "chairv2", "chairv1", "sketchy-full", "fscoco"])
def test_a_recipe_names_a_release_by_its_folder(name, request, small, tmp_path):
    root = request.getfixturevalue(name.replace("-", "_"))
    pairs = RELEASES[name].read(root)
    small(name, **{k.replace(" ", "_"): v for k, v in count(pairs).items()})
    assert read_set(f"{name}:{root}") == pairs
    assert pairs.name == name
    packed = pack(pairs, tmp_path / "cache", photo_size=8)
    assert len(packed.sketches) == len(pairs.sketches)
    (task,) = make_tasks([pairs], "test", frozenset())
    assert task.is_instance


def test_a_release_that_is_not_whole_is_refused(chairv1):
    with pytest.raises(DatasetError, match="2 train photos found, 200 published"):
        read_set(f"chairv1:{chairv1}")


def test_a_release_without_folder_and_an_unknown_name_say_what_is_known():
    with pytest.raises(RecipeError, match="shoev2:FOLDER"):
        read_release("shoev2")
    with pytest.raises(RecipeError, match=r"known: sketchy-mini.*pairs:FOLDER, shoev2:FOLDER"):
        read_set("no-such-set")
    assert find_release("pairs:/shoev2") is None


def test_unseen_categories_are_those_of_the_releases_named():
    held = held_back(["tuberlin-ext:/a", "sketchy-ext-21:/b", "shoev2:/c"])
    assert {"bottle opener", "songbird"} <= held
    assert "wine bottle" not in held
    assert held_back(["shoev2:/c", "pairs:/d"]) == frozenset()


def test_every_split_adds_up_to_what_is_published():
    """Train and test of the lists: 250 classes of 80 drawings, 110 classes, 125 of Sketchy."""
    expected = {name: release.expected for name, release in RELEASES.items()}
    for name in ("sketchy-ext-21", "sketchy-ext-25"):
        numbers = {what: number.published for what, number in expected[name].items()}
        assert numbers["train sketches"] + numbers["test sketches"] in (70_481, 70_281)
        assert numbers["train photos"] + numbers["test photos"] == 73_002 + 12_500
    for release in RELEASES.values():
        unseen = release.expected.get("test categories")
        assert unseen is None or unseen.published == len(release.unseen)


def test_counts_follow_the_layout(tmp_path):
    release = RELEASES["tuberlin-ext"]
    assert release.expected_in(tmp_path)["sketches"].published == 20_000
    (tmp_path / "zeroshot").mkdir()
    assert release.expected_in(tmp_path)["test sketches"].published == 2400
