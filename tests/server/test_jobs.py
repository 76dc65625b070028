import threading
import time
from pathlib import Path

import pytest

from inkseek.gallery import Gallery
from inkseek.indexing.lock import hold_lock
from inkseek.indexing.quarantine import Quarantine
from inkseek.search import Searcher
from inkseek.server.jobs import Jobs
from inkseek.server.problems import ConflictError, NotFoundError

SECONDS = 300.0


@pytest.fixture
def jobs(library):
    """Commits after every photo, so that there is a place to stop at."""
    jobs = Jobs(library, batch_size=1)
    yield jobs
    jobs.close()


def wait_until(is_so, what):
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def wait_for_end(jobs, job):
    wait_until(lambda: jobs.get(job.id).state not in {"running", "paused"}, "the job does not end")
    return jobs.get(job.id)


def hold(jobs, add_photos, count):
    """A job that is paused after its first commit."""
    add_photos(count)
    job = jobs.pause(jobs.start("index").id)
    wait_until(lambda: jobs.get(job.id).done == 1, "the job does not begin")
    return job


@pytest.mark.slow
def test_a_job_brings_the_gallery_up_to_date(jobs, library, add_photos, tmp_path):
    add_photos(3)
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"no photo")
    (tmp_path / "photos" / "down.png").unlink()
    job = wait_for_end(jobs, jobs.start("index"))
    assert (job.state, job.message, job.done, job.total) == ("done", None, 4, 4)
    assert (job.summary["added"], job.summary["deleted"], job.quarantined) == (3, 1, 1)
    assert job.eta_seconds is None
    assert library.gallery.count() == 3
    events = jobs.events_after(0)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    (bad,) = [event.data for event in events if event.name == "quarantined"]
    assert (Path(bad.path).name, bad.job) == ("bad.jpg", job.id)
    assert "not a photo we read" in bad.reason
    told = [event.data for event in events if event.name == "progress"]
    assert [each.done for each in told] == [0, 1, 2, 3, 4, 4]
    assert all(each.eta_seconds >= 0 for each in told[1:-1])


@pytest.mark.slow
def test_a_paused_job_does_nothing_until_it_is_resumed(jobs, library, add_photos):
    job = hold(jobs, add_photos, 4)
    before = jobs.get(job.id)
    time.sleep(0.3)
    after = jobs.get(job.id)
    assert (after.state, after.done, library.gallery.count()) == ("paused", 1, 2)
    assert (after.seconds, after.eta_seconds) == (before.seconds, before.eta_seconds)
    assert jobs.resume(job.id).state == "running"
    assert wait_for_end(jobs, job).state == "done"
    assert library.gallery.count() == 5


@pytest.mark.slow
def test_a_cancelled_job_keeps_what_it_committed_and_the_next_one_goes_on(
    jobs, library, add_photos
):
    job = hold(jobs, add_photos, 4)
    jobs.cancel(job.id)
    assert wait_for_end(jobs, job).state == "cancelled"
    assert library.gallery.count() == 2
    again = wait_for_end(jobs, jobs.start("index"))
    assert (again.summary["added"], again.summary["unchanged"]) == (3, 2)


@pytest.mark.slow
def test_there_is_one_job_at_a_time(jobs, add_photos):
    job = hold(jobs, add_photos, 2)
    with pytest.raises(ConflictError, match=f"job {job.id} is paused; wait for it or cancel it"):
        jobs.start("index")
    assert jobs.num_active == 1
    jobs.resume(job.id)
    wait_for_end(jobs, job)
    assert jobs.num_active == 0
    for action in (jobs.pause, jobs.resume, jobs.cancel):
        with pytest.raises(ConflictError, match="is done"):
            action(job.id)


@pytest.mark.slow
def test_many_that_start_at_once_start_one(jobs, add_photos):
    add_photos(1)
    started = []

    def start():
        try:
            started.append(jobs.start("index"))
        except ConflictError:
            pass

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The first may have ended before the last began.
    assert len(started) == len(jobs.describe_all()) >= 1
    wait_for_end(jobs, started[-1])


@pytest.mark.slow
def test_a_retry_tries_quarantined_files_again(jobs, library, tmp_path, add_photos):
    quarantine = Quarantine(Path(library.gallery.url))
    with pytest.raises(ConflictError, match="no file is in quarantine"):
        jobs.start("retry")
    bad, worse = tmp_path / "photos" / "bad.png", tmp_path / "photos" / "worse.png"
    bad.write_bytes(b"no photo")
    worse.write_bytes(b"no photo either")
    wait_for_end(jobs, jobs.start("index"))
    assert len(quarantine.read()) == 2
    (good,) = add_photos(1)
    good.rename(bad)
    job = wait_for_end(jobs, jobs.start("retry"))
    assert (job.summary["added"], job.quarantined) == (1, 1)
    assert list(quarantine.read()) == [str(worse)]


@pytest.mark.slow
def test_photos_of_another_model_are_embedded_anew(jobs, foreign, tmp_path):
    for kind in ("index", "retry"):
        with pytest.raises(ConflictError, match="embedded anew first"):
            jobs.start(kind)
    job = wait_for_end(jobs, jobs.start("rebuild"))
    assert (job.state, job.kind, job.folders) == ("done", "rebuild", [str(tmp_path / "photos")])
    assert (job.done, job.total, job.summary["added"]) == (4, 4, 4)
    assert foreign.gallery.model_digest == foreign.encoder.digest
    assert wait_for_end(jobs, jobs.start("index")).summary["unchanged"] == 4


@pytest.mark.slow
def test_a_rebuild_that_was_stopped_goes_on(jobs, foreign):
    job = jobs.pause(jobs.start("rebuild").id)
    wait_until(lambda: jobs.get(job.id).done == 1, "the job does not begin")
    jobs.cancel(job.id)
    wait_for_end(jobs, job)
    with pytest.raises(ConflictError, match="embedded anew first"):
        jobs.start("index")
    again = wait_for_end(jobs, jobs.start("rebuild"))
    assert (again.summary["added"], again.summary["unchanged"]) == (3, 1)
    # Now nothing is left of it: the next one is a new one.
    assert wait_for_end(jobs, jobs.start("rebuild")).summary["added"] == 4


def test_an_empty_gallery_of_another_model_is_bound_to_this_one(library, tiny_model, tmp_path):
    gallery = Gallery.open(str(tmp_path / "empty"), model_digest="f", dim=3, create=True)
    jobs = Jobs(Searcher(gallery, library.encoder))
    assert wait_for_end(jobs, jobs.start("rebuild")).state == "done"
    assert gallery.model_digest == library.encoder.digest
    with pytest.raises(ConflictError, match="no folder was indexed"):
        jobs.start("rebuild")


def test_only_folders_that_were_indexed_before_are_taken(jobs, tmp_path):
    photos = str(tmp_path / "photos")
    for folder in ("/etc", str(tmp_path), f"{photos}/..", ""):
        with pytest.raises(NotFoundError, match="none of the folders indexed before"):
            jobs.start("index", [photos, folder])
    assert wait_for_end(jobs, jobs.start("index", [photos])).folders == [photos]


def test_a_failure_says_why_and_the_next_job_may_start(jobs, library, tmp_path):
    with hold_lock(Path(library.gallery.url)):
        job = wait_for_end(jobs, jobs.start("index"))
    assert job.state == "failed"
    assert "another process indexes" in job.message
    (tmp_path / "photos").rename(tmp_path / "away")
    assert "mount its disk" in wait_for_end(jobs, jobs.start("index")).message
    (tmp_path / "away").rename(tmp_path / "photos")
    assert wait_for_end(jobs, jobs.start("index")).state == "done"


def test_a_mistake_of_ours_is_logged_and_ends_the_job(jobs, monkeypatch, caplog):
    monkeypatch.setattr("inkseek.server.jobs.index_folders", lambda *args, **more: 1 / 0)
    job = wait_for_end(jobs, jobs.start("index"))
    assert (job.state, "ZeroDivisionError" in job.message) == ("failed", True)
    assert "division by zero" in caplog.text


@pytest.mark.slow
def test_closing_ends_a_paused_job(jobs, add_photos):
    job = hold(jobs, add_photos, 3)
    jobs.close()
    assert jobs.get(job.id).state == "cancelled"


def test_an_unknown_job_is_told(jobs):
    with pytest.raises(NotFoundError, match="no job x; GET /api/jobs lists them"):
        jobs.get("x")
