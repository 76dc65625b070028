from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkseek.errors import GalleryError
from inkseek.gallery import Gallery, PhotoInfo, PhotoRow
from inkseek.gallery.filters import Filters

NOON = datetime(2020, 6, 1, 12)
FOLDERS = ["/p", "/p/a", "/p/ab", "/p/a b", "/p/it's", "/p/50%_x", "/p/\\n", "/p/ü", "/q"]
TAGS = ["dog", "it's", "dög", "a,b", ""]

folders = st.sampled_from(FOLDERS)
moments = st.integers(-3, 3).map(lambda steps: NOON + steps * timedelta(microseconds=1))
sizes = st.integers(1, 4)
tag_sets = st.lists(st.sampled_from(TAGS), max_size=3, unique=True).map(tuple)


def make_row(number: int, fields: tuple) -> PhotoRow:
    folder, taken_at, width, height, tags = fields
    return PhotoRow(
        photo_id=f"{number:032x}",
        path=f"{folder}/{number}.jpg",
        width=width,
        height=height,
        taken_at=taken_at,
        tags=tags,
        near_key=0,
        copies=(),
        file_size=1,
        modified_ns=1,
        embedding=np.array([1, 0], np.float32),
        model_digest="model",
    )


def make_info(**fields: object) -> PhotoInfo:
    return replace(make_row(1, ("/p", NOON, 3, 2, ())), **fields)


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("gallery") / "g")


@pytest.mark.slow
@given(
    photos=st.lists(
        st.tuples(folders, st.none() | moments, sizes, sizes, tag_sets), min_size=1, max_size=8
    ),
    wanted=st.fixed_dictionaries(
        {},
        optional={
            "folder": folders,
            "not_folder": folders,
            "taken_after": moments,
            "taken_before": moments,
            "min_width": sizes,
            "min_height": sizes,
            "orientation": st.sampled_from(["landscape", "portrait", "square"]),
            "tags": tag_sets,
        },
    ),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sql_keeps_what_the_python_test_keeps(url, photos, wanted):
    rows = [make_row(number, fields) for number, fields in enumerate(photos)]
    gallery = Gallery.open(url, model_digest="model", dim=2, create=True)
    gallery.clear(model_digest="model", dim=2)
    gallery.upsert(rows)
    filters = Filters(**wanted)
    expected = {row.photo_id for row in rows if filters.matches(row)}
    found = gallery.search(np.array([1, 0], np.float32), 100, filters)
    assert {neighbour.info.photo_id for neighbour in found} == expected
    assert gallery.count(filters) == len(expected)


def test_no_condition_keeps_everything():
    assert Filters().matches(make_info())
    assert Filters().to_sql() is None


def test_a_folder_is_no_prefix_of_its_neighbours():
    assert Filters(folder="/p/a").matches(make_info(path="/p/a/b/1.jpg"))
    assert not Filters(folder="/p/a").matches(make_info(path="/p/ab/1.jpg"))
    assert Filters(not_folder="/p/a").matches(make_info(path="/p/ab/1.jpg"))


def test_the_root_folder_holds_every_photo():
    assert Filters(folder="/").matches(make_info())


def test_a_relative_folder_counts_from_the_working_directory():
    assert Filters(folder="holiday").folder == str(Path.cwd() / "holiday")


def test_a_trailing_slash_does_not_matter():
    assert Filters(folder="/p/a/") == Filters(folder="/p/a")


def test_the_begin_of_a_time_is_included_and_the_end_is_not():
    assert Filters(taken_after=NOON).matches(make_info())
    assert not Filters(taken_before=NOON).matches(make_info())


def test_a_photo_of_unknown_time_passes_no_condition_on_time():
    assert not Filters(taken_after=NOON).matches(make_info(taken_at=None))
    assert not Filters(taken_before=NOON).matches(make_info(taken_at=None))


def test_a_time_with_a_zone_becomes_local_time():
    moment = datetime(2020, 6, 1, 12, tzinfo=UTC)
    assert Filters(taken_after=moment).taken_after == moment.astimezone().replace(tzinfo=None)


def test_every_tag_is_needed():
    assert Filters(tags=("dog",)).matches(make_info(tags=("dog", "cat")))
    assert not Filters(tags=("dog", "cat")).matches(make_info(tags=("dog",)))


def test_filters_come_from_named_values():
    filters = Filters.from_mapping({"taken_after": "2020-06-01", "tags": ["dog"], "min_width": 3})
    assert filters == Filters(taken_after=datetime(2020, 6, 1), tags=("dog",), min_width=3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": "red"}, "unknown filter 'colour'; the filters are folder, min_height"),
        ({"taken_after": "soon"}, "taken_after 'soon' is no time; write 2024-05-31"),
        ({"min_width": "3"}, "filter min_width is '3' but must be of type int"),
        ({"min_width": True}, "filter min_width is True but must be of type int"),
        ({"tags": "dog"}, "filter tags is 'dog' but must be of type tuple"),
        ({"orientation": "round"}, "orientation 'round' is unknown; use one of landscape"),
    ],
)
def test_a_wrong_filter_says_what_is_right(values, message):
    with pytest.raises(GalleryError, match=message):
        Filters.from_mapping(values)
