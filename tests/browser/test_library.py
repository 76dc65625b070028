import json

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

JOB = {
    "id": "7",
    "kind": "index",
    "folders": ["/photos"],
    "state": "running",
    "done": 30,
    "total": 120,
    "eta_seconds": 130.0,
    "quarantined": 2,
    "started_at": "2026-01-01T00:00:00Z",
    "seconds": 10.0,
    "message": None,
    "summary": None,
}


def test_the_library_says_what_is_indexed_and_what_was_set_aside(page):
    page.get_by_role("button", name="60 photos").click()
    library = page.get_by_role("dialog", name="Library")
    expect(library).to_contain_text("60 photos, found by the model “tiny”")
    expect(library.locator("#library-folders li")).to_have_count(1)
    expect(library.locator("#quarantine-list li")).to_contain_text("broken.png")
    reason = library.locator("#quarantine-list .quiet")
    expect(reason).not_to_be_empty()
    expect(library.locator("#rebuild")).to_be_hidden()


def test_new_photos_are_looked_for(page):
    page.keyboard.press("l")
    page.get_by_role("button", name="Look for new photos").click()
    job = page.locator("#jobs li").first
    expect(job).to_contain_text("Done")
    expect(job).to_contain_text("60 unchanged")
    expect(page.get_by_role("button", name="Look for new photos")).to_be_enabled()


def test_files_that_were_set_aside_are_tried_again(page):
    page.keyboard.press("l")
    page.get_by_role("button", name="Try them again").click()
    expect(page.locator("#jobs li").first).to_contain_text("Trying set-aside files again")
    expect(page.locator("#jobs li").first).to_contain_text("Done")
    expect(page.locator("#quarantine-list li")).to_contain_text("broken.png")


@pytest.fixture
def with_job(page):
    """The page while a job runs, and what it was told to do."""
    told = []
    job = dict(JOB)

    def answer(route):
        if route.request.method == "GET":
            route.fulfill(json=[job])
            return
        step = route.request.url.rpartition("/")[2]
        told.append(step)
        job["state"] = {"pause": "paused", "resume": "running", "cancel": "cancelled"}[step]
        route.fulfill(json=job)

    page.route("**/api/jobs", answer)
    page.route("**/api/jobs/7/*", answer)
    # An event stream that stays open and says nothing.
    page.route("**/api/jobs/events", lambda route: None)
    page.reload()
    page.keyboard.press("l")
    return page, told


def test_a_running_job_shows_how_far_it_is(with_job):
    page, _ = with_job
    job = page.locator("#jobs li")
    expect(job).to_contain_text("30 of 120 files, about 2 minutes left, 2 set aside")
    assert page.get_by_role("progressbar").evaluate("bar => bar.value") == pytest.approx(0.25)
    expect(page.locator("#jobs-mark")).to_have_text("25 %")
    expect(page.get_by_role("button", name="Look for new photos")).to_be_disabled()


def test_a_job_is_paused_goes_on_and_is_stopped(with_job):
    page, told = with_job
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#jobs li")).to_contain_text("paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#jobs li")).to_contain_text("Stopped")
    expect(page.locator("#jobs-mark")).to_be_hidden()
    assert told == ["pause", "resume", "cancel"]


def test_an_ended_job_is_not_revived_by_a_list_written_before_its_end(with_job):
    page, told = with_job
    expect(page.locator("#quarantine-list li")).to_have_count(1)
    page.route("**/api/jobs", lambda route: route.fulfill(json=[JOB]))
    # The end of a job reads the library anew: first the jobs, then what was set aside.
    with page.expect_response("**/api/quarantine"):
        page.get_by_role("button", name="Stop").click()
    expect(page.locator("#jobs li")).to_contain_text("Stopped")
    assert told == ["cancel"]


def test_the_library_is_read_again_after_a_job_that_ended_before_it_was_heard_of(page):
    done = JOB | {"state": "done", "summary": {"unchanged": 60}}
    page.keyboard.press("l")
    expect(page.locator("#quarantine-list li")).to_have_count(1)
    page.route("**/api/jobs", lambda route: route.fulfill(json=done), times=1)
    with page.expect_response("**/api/library"):
        page.get_by_role("button", name="Look for new photos").click()


def test_the_library_is_read_again_when_its_list_of_jobs_tells_of_an_end(with_job):
    page, _ = with_job
    expect(page.locator("#quarantine-list li")).to_have_count(1)
    page.route("**/api/jobs", lambda route: route.fulfill(json=[JOB | {"state": "done"}]))
    asked = []

    def is_second(request):
        asked.extend([request] * request.url.endswith("/api/library"))
        return len(asked) == 2

    page.get_by_role("button", name="Close").click()
    with page.expect_request(is_second):
        page.keyboard.press("l")
    expect(page.locator("#jobs li")).to_contain_text("Done")


def test_progress_arrives_without_being_asked_for(page):
    events = f"event: progress\ndata: {json.dumps(JOB | {'done': 60})}\n\n"
    page.route("**/api/jobs", lambda route: route.fulfill(json=[JOB]))
    page.route(
        "**/api/jobs/events",
        lambda route: route.fulfill(content_type="text/event-stream", body=events),
    )
    page.reload()
    expect(page.locator("#jobs-mark")).to_have_text("50 %")


def test_a_refusal_is_told(page):
    refusal = {"status": 409, "json": {"detail": "Another job runs."}}
    page.keyboard.press("l")
    expect(page.locator("#library-folders li")).to_have_count(1)
    page.route("**/api/jobs", lambda route: route.fulfill(**refusal))
    page.get_by_role("button", name="Look for new photos").click()
    expect(page.locator("#jobs-problem")).to_have_text("Another job runs.")
