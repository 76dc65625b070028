import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkseek.errors import GalleryError, GalleryMismatchError
from inkseek.gallery import Gallery
from inkseek.gallery.filters import Filters
from inkseek.gallery.lance import EXACT_LIMIT, FEW_ROWS, LanceGallery

WRITER = """
import sys, numpy as np
from inkseek.gallery import Gallery, PhotoRow
gallery = Gallery.open(sys.argv[1])
row = np.zeros(16, np.float32); row[0] = 1
for i in range(int(sys.argv[2])):
    gallery.upsert([PhotoRow(f"w{i:03}", f"/w/{i}.jpg", 1, 1, None, (), 0, (), 1, 1,
                             embedding=row, model_digest="model")])
    print(i, flush=True)
"""


def ids(neighbours) -> list[str]:
    return [each.info.photo_id for each in neighbours]


def rank_by_hand(rows, query, k) -> list[str]:
    order = sorted(rows, key=lambda row: (-float(row.embedding @ query), row.photo_id))
    return [row.photo_id for row in order[:k]]


def test_photos_are_written_read_replaced_and_deleted(gallery, make_rows):
    rows = make_rows(5)
    gallery.upsert(rows)
    gallery.upsert([replace(rows[2], path="/moved.jpg")])
    assert gallery.count() == 5
    found = gallery.get([rows[2].photo_id, "missing", rows[0].photo_id])
    assert [row.path for row in found] == ["/moved.jpg", rows[0].path]
    np.testing.assert_array_equal(found[1].embedding, rows[0].embedding)
    assert gallery.delete([rows[2].photo_id, "missing"]) == 1
    assert gallery.count() == 4
    assert {info.photo_id for info in gallery.iter_info()} == {
        row.photo_id for row in rows if row is not rows[2]
    }


def test_a_photo_given_twice_in_one_batch_is_one_row_and_the_last_counts(gallery, make_rows):
    (row,) = make_rows(1)
    gallery.upsert([row, replace(row, path="/last.jpg")])
    assert [info.path for info in gallery.iter_info()] == ["/last.jpg"]


def test_writing_or_deleting_nothing_is_allowed(gallery):
    gallery.upsert([])
    assert gallery.delete([]) == 0
    assert gallery.get([]) == []


def test_more_ids_than_one_statement_holds_are_read_and_deleted(gallery, make_rows):
    rows = make_rows(2500)
    gallery.upsert(rows)
    wanted = [row.photo_id for row in rows]
    assert [row.photo_id for row in gallery.get(wanted)] == wanted
    assert gallery.delete(wanted[:2300]) == 2300
    assert gallery.count() == 200


@pytest.mark.parametrize("k", [1, 10, 299, 300, 1000])
def test_the_search_is_exact(gallery, make_rows, k):
    rows = make_rows(300)
    gallery.upsert(rows[:100])
    gallery.upsert(rows[100:])
    query = make_rows(1, seed=5)[0].embedding
    found = gallery.search(query, k)
    assert ids(found) == rank_by_hand(rows, query, k)
    by_id = {row.photo_id: row for row in rows}
    for neighbour in found:
        row = by_id[neighbour.info.photo_id]
        assert neighbour.similarity == pytest.approx(float(row.embedding @ query), abs=1e-6)
        assert neighbour.info.path == row.path
        np.testing.assert_array_equal(neighbour.embedding, row.embedding)


def test_equal_similarities_are_ordered_by_id_even_at_the_cut(gallery, make_rows):
    (row,) = make_rows(1)
    gallery.upsert([replace(row, photo_id=f"{i:032x}") for i in (5, 3, 9, 1, 7)])
    assert ids(gallery.search(row.embedding, 3)) == [f"{i:032x}" for i in (1, 3, 5)]


def test_equal_photos_tie_wherever_they_lie_and_however_often_one_asks(gallery, make_rows):
    """A BLAS product may give equal rows different last bits, which would order them."""
    (one,) = make_rows(1)
    rows = [replace(one, photo_id=f"{i:032x}") for i in range(3000)]
    gallery.upsert(rows)
    query = make_rows(1, seed=5)[0].embedding
    for k in (3, 1500, 3000):
        found = gallery.search(query, k)
        assert ids(found) == [row.photo_id for row in rows[:k]]
        assert len({neighbour.similarity for neighbour in found}) == 1


@pytest.mark.parametrize("folder", ["/p/3", "/p", "/nowhere"])
def test_a_filtered_search_is_exact_among_what_is_left(gallery, make_rows, folder):
    rows = make_rows(300)
    gallery.upsert(rows)
    query = make_rows(1, seed=5)[0].embedding
    left = [row for row in rows if row.path.startswith(folder + "/")]
    for _ in range(2):
        found = gallery.search(query, 20, Filters(folder=folder))
        assert ids(found) == rank_by_hand(left, query, 20)


def test_an_empty_gallery_finds_nothing(gallery):
    assert gallery.search(np.eye(16, dtype=np.float32)[0], 10) == []
    assert gallery.search(np.eye(16, dtype=np.float32)[0], 10, Filters(folder="/p")) == []


def test_a_gallery_sees_its_own_writes_at_once(gallery, make_rows):
    rows = make_rows(3)
    gallery.upsert(rows[:1])
    assert len(gallery.search(rows[0].embedding, 10)) == 1
    gallery.upsert(rows[1:])
    assert len(gallery.search(rows[0].embedding, 10)) == 3
    gallery.delete([rows[0].photo_id])
    assert rows[0].photo_id not in ids(gallery.search(rows[0].embedding, 10))


@pytest.mark.parametrize("query", [np.zeros(3, np.float32), np.full(16, np.nan, np.float32)])
def test_a_query_of_another_space_is_refused(gallery, query):
    with pytest.raises(GalleryError, match="needs 16 finite numbers; embed it with"):
        gallery.search(query, 3)


def test_a_row_of_another_space_is_refused(gallery, make_rows):
    (row,) = make_rows(1)
    with pytest.raises(GalleryError, match=r"embedding of shape \(3,\) but gallery .* 16 numbers"):
        gallery.upsert([replace(row, embedding=np.zeros(3, np.float32))])
    with pytest.raises(GalleryMismatchError):
        gallery.upsert([replace(row, model_digest="other")])
    assert gallery.count() == 0


def test_a_gallery_rebuilt_by_another_model_while_open_is_refused(gallery, make_rows):
    rows = make_rows(3)
    gallery.upsert(rows)
    gallery.search(rows[0].embedding, 1)
    Gallery.open(gallery.url).clear(model_digest="other", dim=16)
    with pytest.raises(GalleryMismatchError, match="indexed again by model other while open"):
        gallery.search(rows[0].embedding, 1)


@pytest.mark.slow
def test_optimizing_changes_no_result(gallery, make_rows):
    rows = make_rows(60)
    for row in rows:
        gallery.upsert([row])
    gallery.delete([rows[7].photo_id])
    query = make_rows(1, seed=5)[0].embedding
    before = gallery.search(query, 100, Filters(folder="/p/1")), gallery.search(query, 100)
    files = list((Path(gallery.url) / "photos.lance" / "data").iterdir())
    gallery.optimize()
    assert len(gallery._open().get_fragments()) == 1 < len(files)
    after = gallery.search(query, 100, Filters(folder="/p/1")), gallery.search(query, 100)
    assert [ids(each) for each in after] == [ids(each) for each in before]


def test_a_folder_with_another_table_is_no_gallery(tmp_path):
    lance = pytest.importorskip("lance")
    pyarrow = pytest.importorskip("pyarrow")
    lance.write_dataset(pyarrow.table({"a": [1]}), str(tmp_path / "photos.lance"))
    with pytest.raises(GalleryError, match="no inkseek gallery; choose another folder"):
        Gallery.open(str(tmp_path))


def test_closing_frees_the_rows_and_the_gallery_still_works(gallery, make_rows):
    rows = make_rows(3)
    gallery.upsert(rows)
    gallery.search(rows[0].embedding, 1)
    gallery.close()
    assert ids(gallery.search(rows[0].embedding, 1)) == [rows[0].photo_id]


@pytest.mark.slow
def test_a_search_meets_each_commit_of_another_process(gallery, make_rows):
    gallery.upsert(make_rows(50))
    query = np.eye(16, dtype=np.float32)[0]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, gallery.url, "15"], stdout=subprocess.PIPE, text=True
    )
    for line in writer.stdout:
        found = set(ids(gallery.search(query, 1000)))
        assert {f"w{i:03}" for i in range(int(line) + 1)} <= found
        assert len(found) >= 50 + int(line) + 1
    assert writer.wait() == 0
    writer.stdout.close()
    assert gallery.count() == 65


@pytest.mark.slow
def test_threads_search_while_another_writes_and_compacts(gallery, make_rows):
    rows = make_rows(200)
    gallery.upsert(rows[:50])
    stop = time.monotonic() + 2
    errors: list[Exception] = []

    def search() -> None:
        while time.monotonic() < stop:
            try:
                found = gallery.search(rows[0].embedding, 10, Filters(folder="/p"))
                assert ids(found)[0] == rows[0].photo_id
            except Exception as error:  # noqa: BLE001 - a thread cannot fail a test by itself
                errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for begin in range(50, 200, 10):
        gallery.upsert(rows[begin : begin + 10])
    gallery.optimize()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.slow
def test_a_big_gallery_is_searched_through_an_index_and_few_rows_exactly(
    tmp_path, make_rows, monkeypatch
):
    monkeypatch.setattr("inkseek.gallery.lance.FEW_ROWS", 500)
    LanceGallery.create(tmp_path / "g", model_digest="model", dim=16)
    gallery = LanceGallery(tmp_path / "g", exact_limit=1000)
    rows = make_rows(5000)
    gallery.upsert(rows)
    queries = [row.embedding for row in make_rows(20, seed=5)]
    exact = [rank_by_hand(rows, query, 10) for query in queries]
    assert [ids(gallery.search(query, 10)) for query in queries] == exact
    gallery.optimize()
    assert not gallery._snapshot().is_in_memory
    found = [ids(gallery.search(query, 10)) for query in queries]
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact, strict=True)])
    assert recall >= 0.9
    assert ids(gallery.search(queries[0], 5000)) == rank_by_hand(rows, queries[0], 5000)
    left = [row for row in rows if row.path.startswith("/p/3/")]
    kept = gallery.search(queries[0], 20, Filters(folder="/p/3"))
    assert len(left) == 500
    assert ids(kept) == rank_by_hand(left, queries[0], 20)
    gallery.upsert(make_rows(1, start=9999, seed=8))
    newest = make_rows(1, start=9999, seed=8)[0]
    assert ids(gallery.search(newest.embedding, 1)) == [newest.photo_id]


def test_the_limits_are_those_we_promise():
    assert EXACT_LIMIT == 200_000
    assert FEW_ROWS < EXACT_LIMIT


@pytest.mark.slow
def test_lancedb_opens_the_table(gallery, make_rows):
    lancedb = pytest.importorskip("lancedb")
    gallery.upsert(make_rows(4))
    assert lancedb.connect(gallery.url).open_table("photos").count_rows() == 4


@pytest.mark.slow
def test_opening_imports_neither_lancedb_nor_torch(gallery):
    code = "import sys; from inkseek.gallery import Gallery; Gallery.open(sys.argv[1]); "
    code += (
        "print(*{'lancedb', 'torch', 'pandas', 'lance_namespace_urllib3_client'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, gallery.url], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
