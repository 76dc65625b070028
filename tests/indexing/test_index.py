import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from inkseek.errors import GalleryError, GalleryMismatchError, PhotoError
from inkseek.gallery import Gallery
from inkseek.gallery.lance import LanceGallery
from inkseek.indexing import ScanOptions
from inkseek.indexing.lock import hold_lock
from inkseek.indexing.quarantine import Quarantine

CHILD = Path(__file__).with_name("index_child.py")


def counts(summary) -> dict[str, int]:
    return {name: n for name, n in asdict(summary).items() if n and name != "seconds"}


def held(gallery) -> dict[str, tuple[str, ...]]:
    """Each photo's file and its copies, by names."""
    return {
        Path(info.path).name: tuple(Path(copy).name for copy in info.copies)
        for info in gallery.iter_info()
    }


def touch_later(path: Path) -> None:
    later = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))


@pytest.fixture
def ten(photos, save_photo) -> list[Path]:
    return [save_photo(photos / f"sub{i % 2}" / f"{i}.png", i) for i in range(10)]


def test_new_photos_are_added_at_any_depth(gallery, index, photos, ten, encoder):
    progress = []
    summary = index(photos, on_progress=progress.append)
    assert counts(summary) == {"added": 10}
    assert {info.path for info in gallery.iter_info()} == {str(path) for path in ten}
    assert [(each.done, each.total) for each in progress] == [(4, 10), (8, 10), (10, 10)]
    assert {path for each in progress for path in each.committed} == {str(path) for path in ten}


def test_a_row_holds_what_a_search_needs(gallery, index, photos, save_photo, encoder):
    path = save_photo(photos / "one.png", 1)
    index(photos)
    (info,) = gallery.iter_info()
    (row,) = gallery.get([info.photo_id])
    assert (row.width, row.height, row.taken_at, row.copies) == (30, 20, None, ())
    assert (row.file_size, row.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert row.near_key != 0
    assert np.linalg.norm(row.embedding) == pytest.approx(1, abs=1e-6)
    assert row.model_digest == encoder.digest


def test_a_second_run_finds_nothing_to_do(gallery, index, photos, ten):
    index(photos)
    version = gallery._open().version
    assert counts(index(photos)) == {"unchanged": 10}
    assert gallery._open().version == version


@pytest.mark.slow
def test_a_changed_photo_takes_the_place_of_the_old_one(gallery, index, photos, ten, save_photo):
    index(photos)
    old = {info.photo_id for info in gallery.iter_info() if info.path == str(ten[3])}
    save_photo(ten[3], 99)
    touch_later(ten[3])
    assert counts(index(photos)) == {"updated": 1, "unchanged": 9}
    assert gallery.count() == 10
    assert gallery.get(sorted(old)) == []


@pytest.mark.slow
def test_a_touched_photo_is_read_again_but_stays(gallery, index, photos, ten):
    index(photos)
    touch_later(ten[0])
    assert counts(index(photos)) == {"unchanged": 10}
    touched = [info for info in gallery.iter_info() if info.path == str(ten[0])]
    assert touched[0].modified_ns == ten[0].stat().st_mtime_ns


@pytest.mark.slow
def test_a_moved_photo_keeps_its_embedding_and_is_not_decoded(
    gallery, index, photos, ten, monkeypatch
):
    index(photos)
    before = {info.photo_id for info in gallery.iter_info()}
    (photos / "new").mkdir()
    ten[5].rename(photos / "new" / "renamed.png")
    monkeypatch.setattr("inkseek.indexing.index.embed_rows", lambda infos, *rest: list(infos))
    assert counts(index(photos)) == {"moved": 1, "unchanged": 9}
    assert {info.photo_id for info in gallery.iter_info()} == before
    assert "renamed.png" in held(gallery)
    assert "5.png" not in held(gallery)


def test_two_photos_that_changed_places_keep_their_embeddings(gallery, index, photos, ten):
    index(photos)
    ten[0].rename(photos / "aside")
    ten[2].rename(ten[0])
    (photos / "aside").rename(ten[2])
    assert counts(index(photos))["unchanged"] == 8
    assert gallery.count() == 10
    assert sorted(held(gallery)) == sorted(path.name for path in ten)
    assert counts(index(photos)) == {"unchanged": 10}


def test_a_deleted_photo_leaves_the_gallery(gallery, index, photos, ten):
    index(photos)
    ten[4].unlink()
    shutil.rmtree(photos / "sub1")
    assert counts(index(photos)) == {"deleted": 6, "unchanged": 4}
    assert gallery.count() == 4


def test_a_copy_is_the_same_photo(gallery, index, photos, save_photo):
    save_photo(photos / "a.png", 1)
    save_photo(photos / "b.png", 1)
    assert counts(index(photos)) == {"added": 1, "duplicates": 1}
    shutil.copy(photos / "a.png", photos / "c.png")
    assert counts(index(photos)) == {"duplicates": 1, "unchanged": 2}
    (copies,) = held(gallery).values()
    assert len(copies) == 2
    assert counts(index(photos)) == {"unchanged": 3}


def test_a_photo_stays_until_its_last_copy_is_gone(gallery, index, photos, save_photo):
    for name in "abc":
        save_photo(photos / f"{name}.png", 1)
    save_photo(photos / "other.png", 2)
    index(photos)
    (photos / "a.png").unlink()
    assert counts(index(photos)) == {"deleted": 1, "unchanged": 3}
    (photos / "b.png").unlink()
    assert counts(index(photos)) == {"deleted": 1, "unchanged": 2}
    assert held(gallery) == {"c.png": (), "other.png": ()}
    (photos / "c.png").unlink()
    index(photos)
    assert held(gallery) == {"other.png": ()}


def test_folders_that_are_not_named_are_left_alone(gallery, index, tmp_path, save_photo):
    save_photo(tmp_path / "one" / "1.png", 1)
    two = save_photo(tmp_path / "two" / "2.png", 2)
    index(tmp_path / "one", tmp_path / "two")
    two.unlink()
    assert counts(index(tmp_path / "one")) == {"unchanged": 1}
    assert gallery.count() == 2


def test_a_folder_that_only_shares_its_beginning_is_left_alone(
    gallery, index, tmp_path, save_photo
):
    save_photo(tmp_path / "one" / "1.png", 1)
    gone = save_photo(tmp_path / "one more" / "2.png", 2)
    index(tmp_path / "one", tmp_path / "one more")
    gone.unlink()
    assert counts(index(tmp_path / "one")) == {"unchanged": 1}


def test_a_missing_folder_deletes_nothing(gallery, index, photos, ten, tmp_path):
    index(photos)
    photos.rename(tmp_path / "unmounted")
    with pytest.raises(PhotoError, match=r"photos does not exist; mount its disk"):
        index(photos)
    assert gallery.count() == 10


def test_a_folder_that_lost_all_its_photos_is_believed_only_when_told(gallery, index, photos, ten):
    index(photos)
    for path in ten:
        path.unlink()
    with pytest.raises(PhotoError, match=r"has no photos now, but the gallery has 10 of it"):
        index(photos)
    assert gallery.count() == 10
    assert counts(index(photos, options=ScanOptions(allow_empty=True))) == {"deleted": 10}
    assert gallery.count() == 0


def test_an_empty_folder_that_never_had_photos_is_fine(index, photos):
    assert counts(index(photos)) == {}


def test_a_folder_that_cannot_be_listed_keeps_its_photos(gallery, index, photos, ten, monkeypatch):
    index(photos)
    listed = os.scandir

    def deny(folder):
        if str(folder).endswith("sub1"):
            raise PermissionError(13, "Permission denied", folder)
        return listed(folder)

    monkeypatch.setattr(os, "scandir", deny)
    assert counts(index(photos)) == {"unchanged": 5, "quarantined": 1}
    assert gallery.count() == 10
    (entry,) = Quarantine(Path(gallery.url)).read().values()
    assert entry.reason == "the folder cannot be listed: Permission denied"
    monkeypatch.undo()
    assert counts(index(photos)) == {"unchanged": 10}
    assert Quarantine(Path(gallery.url)).read() == {}


def test_a_bad_file_is_put_aside_and_does_not_stop_the_others(gallery, index, photos, ten):
    (photos / "bad.jpg").write_bytes(b"no photo")
    (photos / "empty.png").touch()
    assert counts(index(photos)) == {"added": 10, "quarantined": 2}
    entries = Quarantine(Path(gallery.url)).read()
    assert "bad.jpg is not a photo we read" in entries[str(photos / "bad.jpg")].reason
    assert "empty.png is empty" in entries[str(photos / "empty.png")].reason


@pytest.mark.slow
def test_progress_tells_of_files_put_aside_and_may_end_the_run(gallery, index, photos, ten):
    (photos / "bad.jpg").write_bytes(b"no photo")
    progress = []
    index(photos, on_progress=progress.append)
    (entry,) = [entry for each in progress for entry in each.quarantined]
    assert entry.path == str(photos / "bad.jpg")

    def stop(state):
        raise KeyboardInterrupt

    for path in ten:
        touch_later(path)
    with pytest.raises(KeyboardInterrupt):
        index(photos, on_progress=stop)
    assert counts(index(photos)) == {"unchanged": 10, "quarantined": 1}


def test_a_bad_file_is_tried_again_only_when_it_changes(gallery, index, photos, save_photo):
    bad = photos / "bad.png"
    bad.write_bytes(b"no photo")
    index(photos)
    progress = []
    assert counts(index(photos, on_progress=progress.append)) == {"quarantined": 1}
    assert progress == []
    save_photo(bad, 1)
    assert counts(index(photos)) == {"added": 1}
    assert counts(index(photos)) == {"unchanged": 1}
    assert Quarantine(Path(gallery.url)).read() == {}


def test_a_photo_that_becomes_unreadable_leaves_the_gallery(gallery, index, photos, ten):
    index(photos)
    ten[0].write_bytes(b"no photo")
    assert counts(index(photos)) == {"quarantined": 1, "unchanged": 9}
    assert gallery.count() == 9


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_is_put_aside(gallery, index, photos, ten):
    shutil.copy(ten[0], os.fsencode(photos) + b"/\xff.png")
    assert counts(index(photos)) == {"added": 10, "quarantined": 1}
    (entry,) = Quarantine(Path(gallery.url)).read().values()
    assert entry.reason == "the file name is not UTF-8; rename the file"


def test_another_model_is_refused(gallery, index, photos, ten, encoder, monkeypatch):
    index(photos)
    monkeypatch.setattr(type(encoder), "digest", "other")
    with pytest.raises(GalleryMismatchError, match="--rebuild"):
        index(photos)


def test_only_one_process_indexes_at_a_time(gallery, index, photos, ten):
    with hold_lock(Path(gallery.url)), pytest.raises(GalleryError, match="another process"):
        index(photos)
    assert counts(index(photos)) == {"added": 10}


def test_the_order_of_the_files_does_not_matter(gallery, index, photos, ten, tmp_path):
    assert index(*reversed(ten)).added == 10
    assert counts(index(photos)) == {"unchanged": 10}


@pytest.mark.slow
def test_an_error_of_the_encoder_ends_the_run_and_the_next_one_goes_on(
    gallery, index, photos, ten, encoder, monkeypatch
):
    embed = type(encoder).embed_photos
    calls = []

    def fail_once(self, photos):
        calls.append(len(photos))
        if len(calls) == 2:
            raise MemoryError
        return embed(self, photos)

    monkeypatch.setattr(type(encoder), "embed_photos", fail_once)
    with pytest.raises(MemoryError):
        index(photos)
    assert gallery.count() == 4
    assert counts(index(photos)) == {"added": 6, "unchanged": 4}


def start_child(log: Path, gallery: Path, *folders: Path) -> subprocess.Popen[bytes]:
    """Its output goes to a file: a pipe would be held open by what outlives the process."""
    command = [sys.executable, str(CHILD), str(gallery), "3", *map(str, folders)]
    with log.open("wb") as file:
        return subprocess.Popen(command, stdout=file)


def read_acknowledged(log: Path) -> set[str]:
    """Whole lines only: the last may be cut by the kill."""
    lines = log.read_text().splitlines(keepends=True)
    return {json.loads(line) for line in lines if line.endswith("\n")} - {"done"}


def paths_of(gallery: Path) -> list[str]:
    return [info.path for info in Gallery.open(str(gallery)).iter_info()]


def kill_at_random(child: subprocess.Popen[bytes], log: Path, chance: random.Random) -> bool:
    """Kill after some commits and part of the next, or while it starts; whether it still ran."""
    num_commits = chance.choice([0, 1, 2, 4])
    while child.poll() is None and len(read_acknowledged(log)) < 3 * num_commits:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.04 if num_commits else 0.5))
    child.kill()
    return child.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_a_run_killed_at_any_point_loses_doubles_and_revives_nothing(tmp_path, save_photo):
    """Twenty rounds of kill -9, with photos added and deleted in between."""
    chance = random.Random(7)
    folder, url, log = tmp_path / "photos", tmp_path / "gallery", tmp_path / "log"
    alive: set[str] = set()
    acknowledged: set[str] = set()
    deleted: set[str] = set()
    num_kills = num_within = 0
    for round_number in range(20):
        # More new photos than a run gets to before it is killed.
        for i in range(24):
            name = f"{round_number}-{i}.png"
            alive.add(str(save_photo(folder / name, 100 * round_number + i)))
        child = start_child(log, url, folder)
        num_kills += kill_at_random(child, log, chance)
        fresh = read_acknowledged(log)
        num_within += bool(fresh)
        acknowledged |= fresh
        if LanceGallery.exists(url):
            paths = paths_of(url)
            assert acknowledged <= set(paths)
            assert len(paths) == len(set(paths))
            assert not deleted & set(paths)
        if round_number % 5 == 3:
            gone = set(chance.sample(sorted(alive), 4))
            for path in gone:
                Path(path).unlink()
            alive -= gone
            # A deletion counts as acknowledged when a whole run reports it.
            assert start_child(log, url, folder).wait() == 0
            deleted |= gone
            acknowledged = set(alive)
            assert sorted(paths_of(url)) == sorted(alive)
    assert num_kills >= 16
    assert num_within >= 8
    assert start_child(log, url, folder).wait() == 0
    assert sorted(paths_of(url)) == sorted(alive)


@pytest.mark.slow
def test_a_killed_run_is_taken_up_where_it_ended(tmp_path, save_photo):
    folder, url, log = tmp_path / "photos", tmp_path / "gallery", tmp_path / "log"
    every = {str(save_photo(folder / f"{i}.png", i)) for i in range(200)}
    child = start_child(log, url, folder)
    while not read_acknowledged(log) and child.poll() is None:
        time.sleep(0.01)
    child.kill()
    assert child.wait() == -signal.SIGKILL
    first = read_acknowledged(log)
    assert start_child(log, url, folder).wait() == 0
    assert not first & read_acknowledged(log)
    assert sorted(paths_of(url)) == sorted(every)
