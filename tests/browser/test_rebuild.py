"""A gallery that another model has indexed, until its photos are embedded anew."""

import json
from pathlib import Path

import numpy as np
import pytest

from inkseek.gallery.unfinished import note_unfinished
from inkseek.indexing import rebuild_gallery
from inkseek.server.app import create_app

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
LATER = "These photos cannot be searched yet. The library says why."


class OtherEncoder:
    """Another model."""

    digest = "other"
    dim = 2
    photo_size = 32

    def embed_photos(self, photos):
        return np.tile(np.float32([1, 0]), (len(photos), 1))


@pytest.fixture
def foreign(draw_photos, tmp_path):
    """A searcher whose gallery the other model has indexed."""
    searcher = draw_photos(tmp_path)
    rebuild_gallery([], searcher.gallery, OtherEncoder(), workers=1)
    return searcher


@pytest.fixture
def address(foreign, serve):
    with serve(create_app(foreign)) as url:
        yield url


def test_its_photos_are_found_after_a_rebuild(page, stroke):
    expect(page.locator("#status")).to_have_text(LATER)
    stroke(page, *ACROSS)
    expect(page.locator("#status")).to_contain_text(
        "another model (other) has indexed these photos"
    )
    page.keyboard.press("l")
    library = page.get_by_role("dialog", name="Library")
    expect(library.get_by_role("alert")).to_contain_text("“tiny” cannot search them")
    expect(library.get_by_role("button", name="Look for new photos")).to_be_hidden()
    expect(library.get_by_role("button", name="Try them again")).to_be_hidden()
    library.get_by_role("button", name="Rebuild").click()
    job = library.locator("#jobs li").first
    expect(job).to_contain_text("Embedding every photo anew")
    expect(job).to_contain_text("Done: 60 added")
    expect(library.locator("#rebuild")).to_be_hidden()
    expect(library.get_by_role("button", name="Look for new photos")).to_be_visible()
    page.keyboard.press("Escape")
    # The drawing was waiting.
    expect(page.locator("#results .name").first).to_have_text("across")


def test_while_it_runs_there_is_nothing_to_press_twice(page):
    job = {
        "id": "7",
        "kind": "rebuild",
        "folders": ["/photos"],
        "state": "running",
        "done": 30,
        "total": 60,
        "eta_seconds": 13.0,
        "quarantined": 0,
        "started_at": "2026-01-01T00:00:00Z",
        "seconds": 10.0,
        "message": None,
        "summary": None,
    }
    started = []

    def answer(route):
        if route.request.method == "POST":
            started.append(route.request.post_data_json)
        route.fulfill(
            body=json.dumps(job if route.request.method == "POST" else [job][: len(started)])
        )

    page.route("**/api/jobs", answer)
    page.route("**/api/jobs/events", lambda route: None)
    page.keyboard.press("l")
    page.get_by_role("button", name="Rebuild").click()
    expect(page.locator("#rebuild-text")).to_have_text(
        "Every photo is being embedded anew. Nothing can be found until that is done."
    )
    expect(page.locator("#rebuild-start")).to_be_hidden()
    expect(page.locator("#jobs li")).to_contain_text("30 of 60 files, about 13 seconds left")
    assert started == [{"kind": "rebuild"}]


def test_what_was_left_undone_is_gone_on_with(page, foreign):
    rebuild_gallery([], foreign.gallery, foreign.encoder, workers=1)
    note_unfinished(Path(foreign.gallery.url), [])
    page.reload()
    expect(page.locator("#status")).to_have_text(LATER)
    page.keyboard.press("l")
    expect(page.locator("#rebuild-text")).to_contain_text("are not all embedded anew yet")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#jobs li").first).to_contain_text("Done: 60 unchanged")
    expect(page.locator("#status")).to_be_empty()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_read_and_press_it(open_page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.keyboard.press("l")
    expect(page.locator("#rebuild")).to_be_visible()
    report = axe.run(page)
    assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
