import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkseek.gallery.duplicates import group_near_duplicates
from inkseek.gallery.photos import Neighbour, PhotoInfo


def make_neighbour(name: str, key: int, angle: float = 0.0) -> Neighbour:
    info = PhotoInfo(name, f"/{name}", 4, 3, None, (), key, (), 1, 1)
    return Neighbour(info, 0.5, np.array([np.cos(angle), np.sin(angle)], np.float32))


def names(groups: list[list[Neighbour]]) -> list[str]:
    return ["".join(each.info.photo_id for each in group) for group in groups]


def test_a_photo_joins_the_first_that_it_repeats():
    found = [make_neighbour("a", 0), make_neighbour("b", 2**40 - 1), make_neighbour("c", 0b11)]
    assert names(group_near_duplicates(found)) == ["ac", "b"]


def test_an_equal_key_is_not_enough_when_the_embeddings_differ():
    found = [make_neighbour("a", 5), make_neighbour("b", 5, angle=0.5)]
    assert names(group_near_duplicates(found)) == ["a", "b"]


def test_a_chain_of_small_changes_does_not_join_its_ends():
    found = [make_neighbour("a", 0), make_neighbour("b", 0b1111), make_neighbour("c", 0b11111111)]
    assert names(group_near_duplicates(found, max_bits=4)) == ["ab", "c"]


def test_all_64_bits_count():
    found = [make_neighbour("a", 0), make_neighbour("b", 2**64 - 1)]
    assert names(group_near_duplicates(found, max_bits=63)) == ["a", "b"]
    assert names(group_near_duplicates(found, max_bits=64)) == ["ab"]


def test_nothing_has_no_groups():
    assert group_near_duplicates([]) == []


def test_a_zero_embedding_still_belongs_to_itself():
    (neighbour,) = [make_neighbour("a", 0)]
    neighbour.embedding[:] = 0
    assert names(group_near_duplicates([neighbour])) == ["a"]


@given(keys=st.lists(st.integers(0, 31), max_size=20), max_bits=st.integers(0, 5))
def test_every_photo_is_in_exactly_one_group_in_order(keys, max_bits):
    found = [make_neighbour(chr(97 + i), key) for i, key in enumerate(keys)]
    groups = group_near_duplicates(found, max_bits=max_bits)
    assert sorted("".join(names(groups))) == [each.info.photo_id for each in found]
    firsts = [group[0].info.photo_id for group in groups]
    assert firsts == sorted(firsts)
    for group in groups:
        first = group[0].info.near_key
        assert all((first ^ each.info.near_key).bit_count() <= max_bits for each in group)


def group_by_hand(found: list[Neighbour], max_bits: int) -> list[str]:
    groups: list[list[Neighbour]] = []
    for each in found:
        for group in groups:
            first = group[0]
            bits = (first.info.near_key ^ each.info.near_key).bit_count()
            if bits <= max_bits and float(first.embedding @ each.embedding) >= 0.97:
                group.append(each)
                break
        else:
            groups.append([each])
    return names(groups)


@pytest.mark.parametrize("seed", range(5))
def test_many_photos_are_grouped_as_one_by_one(seed):
    chance = np.random.default_rng(seed)
    found = [
        make_neighbour(f"{i} ", int(chance.integers(0, 128)), float(chance.integers(0, 3)) * 0.2)
        for i in range(600)
    ]
    assert names(group_near_duplicates(found, max_bits=2)) == group_by_hand(found, 2)


@pytest.mark.parametrize("count", [2000])
def test_many_photos_are_grouped_in_little_time(count):
    found = [make_neighbour(str(i), i * 0x9E3779B97F4A7C15 % 2**64) for i in range(count)]
    assert len(group_near_duplicates(found)) == count
