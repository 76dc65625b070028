from hypothesis import given
from hypothesis import strategies as st

from inkseek.gallery import PhotoInfo
from inkseek.indexing.ledger import Ledger
from inkseek.indexing.scan import FileStamp, Scan


def make_info(photo_id: str, *paths: str, time: int = 1, size: int = 9) -> PhotoInfo:
    first, *others = paths
    return PhotoInfo(
        photo_id, first, 4, 3, None, (), 0, tuple(others), size, time, (time,) * len(others)
    )


def make_scan(*roots: str, **files: int) -> Scan:
    return Scan(roots, {f"/r/{name}": FileStamp(9, time) for name, time in files.items()})


def test_a_file_with_the_stamp_of_its_claim_needs_nothing():
    ledger = Ledger([make_info("A", "/r/a")], make_scan("/r", a=1))
    assert (ledger.find_candidates(), ledger.count_unchanged()) == ([], 1)
    assert ledger.find_orphans() == ledger.find_shrunk() == []


def test_a_file_of_another_time_or_size_is_a_candidate_again():
    assert Ledger([make_info("A", "/r/a")], make_scan("/r", a=2)).find_candidates() == ["/r/a"]
    small = make_info("A", "/r/a", size=8)
    assert Ledger([small], make_scan("/r", a=1)).find_candidates() == ["/r/a"]


def test_a_new_photo_is_added_and_a_new_content_of_an_old_path_updated():
    ledger = Ledger([make_info("A", "/r/a")], make_scan("/r", a=2, b=1))
    assert ledger.add(make_info("B", "/r/b")) == "added"
    assert ledger.add(make_info("C", "/r/a")) == "updated"
    assert ledger.find_orphans() == ["A"]
    assert ledger.count_deleted() == 0


def test_a_known_content_elsewhere_is_moved_when_its_file_is_gone():
    ledger = Ledger([make_info("A", "/r/a")], make_scan("/r", b=5))
    assert ledger.claim("A", "/r/b", FileStamp(9, 5)) == "moved"
    assert ledger.describe("A") == make_info("A", "/r/b", time=5)
    assert (ledger.find_orphans(), ledger.count_deleted()) == ([], 0)


def test_a_known_content_elsewhere_is_a_duplicate_when_its_file_is_there():
    ledger = Ledger([make_info("A", "/r/a")], make_scan("/r", a=1, b=5))
    assert ledger.claim("A", "/r/b", FileStamp(9, 5)) == "duplicates"
    described = ledger.describe("A")
    assert (described.path, described.copies) == ("/r/a", ("/r/b",))
    assert (described.modified_ns, described.copies_modified_ns) == (1, (5,))


def test_a_photo_that_loses_its_first_file_is_described_by_a_copy():
    ledger = Ledger([make_info("A", "/r/a", "/r/c", "/r/b")], make_scan("/r", b=1, c=1))
    assert ledger.find_shrunk() == ["A"]
    assert ledger.describe("A") == make_info("A", "/r/b", "/r/c")
    assert ledger.count_deleted() == 1


def test_a_path_that_two_photos_claim_is_of_the_one_whose_stamp_fits():
    """So a run leaves them that was killed between adding the new and deleting the old."""
    photos = [make_info("old", "/r/a", time=1), make_info("new", "/r/a", time=2)]
    ledger = Ledger(photos, make_scan("/r", a=2))
    assert ledger.find_candidates() == []
    assert ledger.find_orphans() == ["old"]
    assert ledger.count_deleted() == 0


def test_claims_outside_the_scan_stand():
    ledger = Ledger([make_info("A", "/elsewhere/a"), make_info("B", "/r/b")], make_scan("/r"))
    assert ledger.find_orphans() == ["B"]


def test_a_root_that_lost_every_photo_is_noticed():
    photos = [make_info("A", "/r/a"), make_info("B", "/s/b")]
    assert Ledger(photos, make_scan("/r", "/s", a=1)).find_emptied() == {"/s": 1}
    assert Ledger([], make_scan("/r")).find_emptied() == {}


def test_ids_of_a_size_are_those_a_file_may_repeat():
    photos = [make_info("A", "/r/a"), make_info("B", "/r/b", size=5)]
    ledger = Ledger(photos, make_scan("/r"))
    assert (ledger.ids_of_size(9), ledger.ids_of_size(7)) == (frozenset("A"), frozenset())


contents = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("XYZ"))


@given(before=contents, after=contents)
def test_any_two_states_of_a_folder_are_reconciled_and_every_file_counted_once(before, after):
    """Content X, Y or Z in files a to f; a file keeps its stamp only while it keeps its content."""
    by_content: dict[str, list[str]] = {}
    for name, content in before.items():
        by_content.setdefault(content, []).append(f"/r/{name}")
    photos = [make_info(content, *paths) for content, paths in by_content.items()]
    scan = make_scan("/r", **{n: 1 if before.get(n) == c else 2 for n, c in after.items()})
    ledger = Ledger(photos, scan)
    fates = ["unchanged"] * ledger.count_unchanged()
    for path in ledger.find_candidates():
        content = after[path[-1]]
        if ledger.knows(content):
            fates.append(ledger.claim(content, path, scan.files[path]))
        else:
            fates.append(ledger.add(make_info(content, path, time=2)))
    held = {}
    for content in {*before.values(), *after.values()} - {*ledger.find_orphans()}:
        info = ledger.describe(content)
        held |= {path[-1]: content for path in (info.path, *info.copies)}
    assert held == after
    assert len(fates) == len(after)
    gone = len(set(before) - set(after))
    assert ledger.count_deleted() == gone - fates.count("moved")
