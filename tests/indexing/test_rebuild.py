import shutil
import signal
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from inkseek.errors import GalleryError, PhotoError
from inkseek.gallery import Gallery
from inkseek.gallery.unfinished import is_unfinished, note_unfinished
from inkseek.indexing import ScanOptions, rebuild_gallery
from inkseek.indexing.lock import hold_lock

CHILD = Path(__file__).with_name("index_child.py")


class StoppedError(Exception):
    """Ends a run from within, as a cancelled job does."""


def stop(progress):
    raise StoppedError


@pytest.fixture(scope="session")
def other():
    """An encoder of another model."""
    spec = spec_from_file_location("index_child", CHILD)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OtherEncoder()


@pytest.fixture
def indexed(gallery, index, photos, save_photo, tmp_path):
    """A gallery of five photos in a folder and one beside it."""
    for i in range(5):
        save_photo(photos / f"{i}.png", i)
    single = save_photo(tmp_path / "elsewhere" / "single.png", 99)
    index(photos, single)
    return gallery


def rebuild(gallery, encoder, paths=(), **options):
    return rebuild_gallery(paths, gallery, encoder, **{"workers": 1, "batch_size": 2, **options})


def paths_of(gallery):
    return {info.path for info in gallery.iter_info()}


@pytest.mark.slow
def test_every_photo_is_embedded_anew_wherever_it_lies(indexed, other):
    before = {row.photo_id for row in indexed.get([i.photo_id for i in indexed.iter_info()])}
    summary = rebuild(indexed, other)
    assert (summary.added, summary.unchanged) == (6, 0)
    assert (indexed.model_digest, indexed.dim) == ("other", 3)
    rows = indexed.get(sorted(before))
    assert len(rows) == 6
    assert {row.model_digest for row in rows} == {"other"}
    assert not is_unfinished(Path(indexed.url))


@pytest.mark.slow
def test_the_same_model_may_do_it_too_and_new_folders_come_along(
    indexed, encoder, save_photo, tmp_path
):
    save_photo(tmp_path / "more" / "new.png", 7)
    assert rebuild(indexed, encoder, [tmp_path / "more"]).added == 7


@pytest.mark.slow
def test_a_stopped_run_is_gone_on_with_and_loses_nothing(indexed, other, tmp_path):
    everything = paths_of(indexed)
    with pytest.raises(StoppedError):
        rebuild(indexed, other, on_progress=stop)
    assert (indexed.count(), is_unfinished(Path(indexed.url))) == (2, True)
    summary = rebuild(Gallery.open(indexed.url), other)
    assert (summary.added, summary.unchanged) == (4, 2)
    assert paths_of(indexed) == everything
    assert not is_unfinished(Path(indexed.url))


@pytest.mark.slow
def test_a_third_model_begins_from_the_note(indexed, encoder, other):
    everything = paths_of(indexed)
    with pytest.raises(StoppedError):
        rebuild(indexed, other, on_progress=stop)
    assert rebuild(indexed, encoder).added == 6
    assert paths_of(indexed) == everything


@pytest.mark.slow
def test_a_run_killed_before_the_gallery_was_emptied_is_begun_again(indexed, other):
    note_unfinished(Path(indexed.url), [])
    assert rebuild(indexed, other).added == 6


@pytest.mark.slow
def test_nothing_is_changed_when_a_disk_is_missing(indexed, other, photos):
    everything = paths_of(indexed)
    photos.rename(photos.with_name("away"))
    with pytest.raises(PhotoError, match="mount its disk"):
        rebuild(indexed, other, options=ScanOptions(allow_empty=True))
    photos.mkdir()
    with pytest.raises(PhotoError, match=r"has no photos now, but the gallery has 5 of it"):
        rebuild(indexed, other)
    assert (indexed.model_digest, is_unfinished(Path(indexed.url))) == ("grid", False)
    assert paths_of(indexed) == everything
    assert rebuild(indexed, other, options=ScanOptions(allow_empty=True)).added == 1


@pytest.mark.slow
def test_a_photo_that_was_deleted_is_not_missed_but_its_missing_disk_is(indexed, other, tmp_path):
    single = tmp_path / "elsewhere" / "single.png"
    content = single.read_bytes()
    shutil.rmtree(single.parent)
    with pytest.raises(PhotoError, match=r"single\.png does not exist; mount its disk"):
        rebuild(indexed, other)
    single.parent.mkdir()
    assert rebuild(indexed, other).added == 5
    single.write_bytes(content)
    assert rebuild(indexed, other).added == 5


@pytest.mark.slow
def test_a_copy_outside_of_the_folders_is_kept(indexed, other, photos, index, tmp_path):
    copy = tmp_path / "copy.png"
    shutil.copyfile(photos / "0.png", copy)
    index(copy)
    assert rebuild(indexed, other).duplicates == 1
    assert str(copy) in {path for info in indexed.iter_info() for path in info.copies}


def test_an_empty_gallery_takes_the_other_model(gallery, other):
    assert rebuild(gallery, other).added == 0
    assert Gallery.open(gallery.url).model_digest == "other"
    assert not is_unfinished(Path(gallery.url))


@pytest.mark.slow
def test_a_gallery_that_another_process_bound_anew_is_looked_at_again(indexed, encoder, other):
    stale = Gallery.open(indexed.url)
    fresh = Gallery.open(indexed.url)
    with pytest.raises(StoppedError):
        rebuild(fresh, other, on_progress=stop)
    assert stale.model_digest == "grid"
    summary = rebuild(stale, other)
    assert (summary.added, summary.unchanged) == (4, 2)
    indexed.reload()
    assert indexed.model_digest == "other"


def test_one_process_at_a_time(indexed, other):
    with hold_lock(Path(indexed.url)):
        with pytest.raises(GalleryError, match="another process indexes"):
            rebuild(indexed, other)
    assert indexed.model_digest == "grid"


@pytest.mark.slow
def test_a_killed_run_is_taken_up_where_it_ended(indexed, other, photos, save_photo, index):
    for i in range(100, 160):
        save_photo(photos / f"{i}.png", i)
    index(photos)
    everything = paths_of(indexed)
    child = subprocess.Popen(
        [sys.executable, str(CHILD), indexed.url, "2"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    # The first batch is safe on disk once its paths are printed.
    assert child.stdout.readline()
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert is_unfinished(Path(indexed.url))
    again = Gallery.open(indexed.url)
    done = again.count()
    assert (again.model_digest, 0 < done < 66) == ("other", True)
    summary = rebuild(again, other, batch_size=32)
    assert (summary.added, summary.unchanged) == (66 - done, done)
    assert paths_of(again) == everything
    assert not is_unfinished(Path(indexed.url))
