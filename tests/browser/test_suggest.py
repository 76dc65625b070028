import contextlib
import time

import numpy as np
import pytest

from inkseek.server.app import create_app
from inkseek.server.drawing_model import DrawingModel
from inkseek.strokes.sketch import Sketch

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.75))
PHONE = {"width": 390, "height": 844}


def draw_down(sketch, count, seed):
    """Lines from top to bottom: the further to the right, the more strokes were drawn."""
    x = len(sketch.strokes) / 10
    return [Sketch((np.float32([[x, 0.1], [x, 0.9 - i / 10]]),), 1.0) for i in range(count)]


@pytest.fixture(scope="module")
def address(drawn_photos, serve):
    """Where a service runs that suggests lines from top to bottom."""
    model = DrawingModel(tidy=lambda sketch: sketch, suggest=draw_down)
    app = create_app(drawn_photos, drawing_model=model)
    with serve(app) as url:
        yield url


@pytest.fixture
def suggested(page, stroke):
    stroke(page, *ACROSS)
    expect(tiles(page)).to_have_count(4)
    return page


def tiles(page):
    return page.get_by_role("group", name="Did you mean").get_by_role("button")


def searched(page, act):
    with page.expect_request("**/api/search") as asked:
        act()
    return asked.value.post_data_json["sketch"]["strokes"]


def test_a_suggestion_is_taken_searched_for_and_undone_in_one_step(suggested):
    expect(suggested.locator("#results .name").first).to_have_text("across")
    taken = searched(suggested, tiles(suggested).first.click)
    np.testing.assert_allclose(taken[0], [[51.2, 51.2], [51.2, 460.8]], atol=0.1)
    expect(suggested.locator("#results .name").first).to_have_text("down")
    (before,) = searched(suggested, lambda: suggested.keyboard.press("Control+z"))
    assert before[0][0] < 100 < 400 < before[-1][0]
    expect(suggested.locator("#results .name").first).to_have_text("across")


def test_one_after_another_can_be_tried_without_asking_again(suggested):
    asked = []
    suggested.on("request", lambda request: asked.append(request.url))
    for at in (2, 0):
        tiles(suggested).nth(at).click()
        pressed = [tile.get_attribute("aria-pressed") for tile in tiles(suggested).all()]
        assert pressed == ["true" if i == at else "false" for i in range(4)]
    suggested.keyboard.press("Control+z")
    suggested.keyboard.press("Control+z")
    expect(suggested.locator("[aria-pressed=true] svg[viewBox='0 0 512 512']")).to_have_count(0)
    suggested.wait_for_timeout(900)
    assert [url for url in asked if "suggest" in url] == []
    assert len([url for url in asked if "search" in url]) == 4


def test_keys_alone_are_enough(suggested):
    suggested.keyboard.press("d")
    expect(tiles(suggested).first).to_be_focused()
    suggested.keyboard.press("Tab")
    expect(tiles(suggested).nth(1)).to_be_focused()
    taken = searched(suggested, lambda: suggested.keyboard.press("Enter"))
    np.testing.assert_allclose(taken[0], [[51.2, 51.2], [51.2, 409.6]], atol=0.1)
    expect(tiles(suggested).nth(1)).to_be_focused()
    names = [tile.get_attribute("aria-label") for tile in tiles(suggested).all()]
    assert names == [f"Suggested drawing {i}" for i in (1, 2, 3, 4)]


def test_a_new_stroke_brings_new_ones_and_focus_is_not_lost(suggested, stroke):
    with suggested.expect_response("**/api/suggest"):
        stroke(suggested, *DOWN)
        suggested.keyboard.press("d")
        # Those before stay until these are there.
        expect(tiles(suggested)).to_have_count(4)
    expect(tiles(suggested).first).to_be_focused()
    taken = searched(suggested, lambda: suggested.keyboard.press("Enter"))
    np.testing.assert_allclose(taken[0][0], [102.4, 51.2], atol=0.1)


def test_it_is_asked_after_the_search_and_only_once_the_pen_rests(page, stroke):
    names = []

    def note(request):
        name = request.url.rpartition("/")[2]
        if name in {"search", "suggest"}:
            names.append(name)

    page.on("request", note)
    for height in (0.2, 0.4, 0.6):
        stroke(page, (0.1, height), (0.9, height))
    # A slow hand may rest in between, but never asks before its search is sent.
    end = time.monotonic() + 30
    while names[-1:] != ["suggest"] and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert names[0] == "search"
    assert names[-1] == "suggest"
    assert names.count("suggest") <= names.count("search")


def test_nothing_is_asked_while_a_search_or_a_stroke_is_under_way(page, stroke):
    waiting, asked = [], []
    page.route("**/api/search", lambda route: waiting.append(route))
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    stroke(page, *ACROSS)
    page.wait_for_timeout(1000)
    assert "suggest" not in asked
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    waiting[0].continue_()
    page.wait_for_timeout(1000)
    assert "suggest" not in asked
    page.unroute("**/api/search")
    with page.expect_request("**/api/suggest") as request:
        page.mouse.up()
    assert len(request.value.post_data_json["sketch"]["strokes"]) == 2
    expect(tiles(page)).to_have_count(4)


def test_an_answer_to_an_older_drawing_is_not_shown(page, stroke):
    waiting = []
    page.route("**/api/suggest", lambda route: waiting.append(route))
    for drawing in (ACROSS, DOWN):
        with page.expect_request("**/api/suggest"):
            stroke(page, *drawing)
        page.wait_for_timeout(100)
    old, new = waiting
    new.continue_()
    expect(tiles(page)).to_have_count(4)
    with contextlib.suppress(playwright.Error):
        # The page went away from it.
        old.continue_()
    page.wait_for_timeout(100)
    taken = searched(page, tiles(page).first.click)
    np.testing.assert_allclose(taken[0][0], [102.4, 51.2], atol=0.1)


def test_an_empty_pad_and_an_answer_without_drawings_show_none(suggested, stroke):
    suggested.get_by_role("button", name="Clear").click()
    expect(suggested.locator("#suggested")).to_be_hidden()
    suggested.route("**/api/suggest", lambda route: route.fulfill(json={"sketches": []}))
    with suggested.expect_response("**/api/suggest"):
        suggested.keyboard.press("Control+z")
    expect(suggested.locator("#suggested")).to_be_hidden()


def test_a_failure_disturbs_nobody(suggested, stroke):
    refusal = {"status": 409, "json": {"detail": "a newer drawing came in between; ask again"}}
    suggested.route("**/api/suggest", lambda route: route.fulfill(**refusal))
    stroke(suggested, *DOWN)
    expect(suggested.locator("#suggested")).to_be_hidden()
    expect(suggested.locator("#status")).to_have_text("Best of 60 photos")


def test_it_can_be_turned_off(suggested, stroke):
    suggested.locator("#refine").click()
    suggested.get_by_label("Suggest drawings").uncheck()
    expect(suggested.locator("#suggested")).to_be_hidden()
    asked = []
    suggested.on("request", lambda request: asked.append(request.url))
    stroke(suggested, *DOWN)
    suggested.wait_for_timeout(900)
    assert not any("suggest" in url for url in asked)
    suggested.get_by_label("Suggest drawings").check()
    expect(tiles(suggested)).to_have_count(4)


def test_a_drawing_that_stays_on_this_device_is_not_sent(runtime, suggested, stroke):
    suggested.locator("#refine").click()
    suggested.get_by_label("Encode on this device").check()
    expect(suggested.locator("#suggested")).to_be_hidden()
    asked = []
    suggested.on("request", lambda request: asked.append(request.url))
    stroke(suggested, *DOWN)
    suggested.wait_for_timeout(900)
    assert not any("suggest" in url for url in asked)


def test_what_the_service_cannot_do_is_not_offered(page, stroke):
    page.route(
        "**/api/library",
        lambda route: route.fulfill(json=route.fetch().json() | {"can_suggest": False}),
    )
    page.reload()
    expect(page.locator("#gallery")).to_have_text("60 photos")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    stroke(page, *ACROSS)
    page.wait_for_timeout(900)
    assert not any("suggest" in url for url in asked)
    page.keyboard.press("d")
    page.keyboard.press("?")
    expect(page.locator("#suggest-key")).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator("#refine").click()
    expect(page.get_by_label("Suggest drawings")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, stroke, scheme):
    page = open_page(color_scheme=scheme)
    stroke(page, *ACROSS)
    tiles(page).first.click()
    expect(page.locator("body.busy")).to_have_count(0)
    for size in ({"width": 1280, "height": 800}, PHONE):
        page.set_viewport_size(size)
        report = axe.run(page)
        assert report.violations_count == 0, report.generate_report()


def test_it_fits_a_phone_and_a_finger(open_page, stroke):
    page = open_page(viewport=PHONE)
    stroke(page, *ACROSS)
    expect(tiles(page)).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for tile in tiles(page).all():
        box = tile.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    # The first row of photos is not pushed off the screen.
    last = page.locator("#results li").nth(2).bounding_box()
    assert last["y"] + last["height"] / 2 < PHONE["height"]
