from pathlib import Path

import pytest

from inkseek.indexing.quarantine import FILE_NAME, Quarantine, Quarantined
from inkseek.indexing.scan import FileStamp


def entry(name: str, reason: str = "damaged") -> Quarantined:
    return Quarantined(f"/p/{name}", reason, 5, 7)


@pytest.fixture
def quarantine(tmp_path) -> Quarantine:
    return Quarantine(tmp_path)


def test_there_is_nothing_before_the_first_failure(quarantine):
    assert quarantine.read() == {}


def test_entries_are_read_back_and_the_last_of_a_path_counts(quarantine):
    quarantine.append([entry("a"), entry("b")])
    quarantine.append([entry("a", "still damaged")])
    assert quarantine.read() == {"/p/a": entry("a", "still damaged"), "/p/b": entry("b")}


def test_odd_names_survive(quarantine):
    odd = [entry("new\nline"), entry("\udcff"), entry("\u2028"), entry('"quoted" ü')]
    quarantine.append(odd)
    assert list(quarantine.read().values()) == odd


def test_a_line_cut_by_a_kill_costs_itself_only(quarantine, tmp_path):
    quarantine.append([entry("a")])
    file = tmp_path / FILE_NAME
    file.write_text(file.read_text()[:-10])
    assert quarantine.read() == {}
    quarantine.append([entry("b")])
    assert list(quarantine.read()) == ["/p/b"]


def test_replacing_leaves_these_entries_only(quarantine, tmp_path):
    quarantine.append([entry("a"), entry("b")])
    quarantine.replace([entry("c")])
    assert list(quarantine.read()) == ["/p/c"]
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_removing_tells_how_many_were_there(quarantine):
    quarantine.append([entry("a"), entry("b")])
    assert quarantine.remove({"/p/a", "/p/none"}) == 1
    assert list(quarantine.read()) == ["/p/b"]


def test_an_entry_knows_the_stamp_of_its_file():
    assert entry("a").stamp == FileStamp(5, 7)


def test_nothing_to_add_makes_no_file(quarantine, tmp_path):
    quarantine.append([])
    assert list(Path(tmp_path).iterdir()) == []
