import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))
# With it a late answer does arrive, so that the page itself must refuse it.
NO_ABORT = "AbortController.prototype.abort = () => {}"
SHOWN = "i => getComputedStyle(i).visibility === 'visible' && i.complete && i.naturalWidth > 0"


def first_name(page):
    return page.locator("#results .name").first


@pytest.fixture
def held(page):
    """Searches of the page, which the test answers."""
    held = []
    page.route("**/api/search", lambda route: held.append(route))
    return held


def draw_and_wait(page, stroke, held, points):
    count = len(held)
    with page.expect_request("**/api/search"):
        stroke(page, *points)
    while len(held) == count:
        page.wait_for_timeout(10)


def test_an_answer_that_was_not_stopped_in_time_is_not_shown(page, stroke, answer, held):
    page.evaluate(NO_ABORT)
    for points in (ACROSS, DOWN):
        draw_and_wait(page, stroke, held, points)
    held[1].fulfill(**answer("newer.jpg"))
    expect(first_name(page)).to_have_text("newer")
    with page.expect_response("**/api/search"):
        held[0].fulfill(**answer("older.jpg"))
    page.wait_for_timeout(200)
    expect(first_name(page)).to_have_text("newer")


def test_an_answer_that_comes_after_clear_is_not_shown(page, stroke, answer, held):
    page.evaluate(NO_ABORT)
    draw_and_wait(page, stroke, held, ACROSS)
    page.locator("#clear").click()
    with page.expect_response("**/api/search"):
        held[0].fulfill(**answer("older.jpg"))
    page.wait_for_timeout(200)
    expect(page.locator("#results li")).to_have_count(0)


def test_a_late_answer_does_not_take_the_place_of_what_a_click_told(page, stroke, answer, held):
    told = page.locator("#status")
    draw_and_wait(page, stroke, held, ACROSS)
    page.locator("#share").click()
    expect(told).to_contain_text("It holds the drawing")
    held[0].fulfill(**answer("late.jpg"))
    expect(first_name(page)).to_have_text("late")
    expect(told).to_contain_text("It holds the drawing")
    draw_and_wait(page, stroke, held, DOWN)
    held[1].fulfill(**answer("newer.jpg"))
    expect(told).to_have_text("Best of 60 photos")


def test_a_stroke_stops_the_search_before_it(page, stroke, held):
    draw_and_wait(page, stroke, held, ACROSS)
    with page.expect_event("requestfailed") as failed:
        stroke(page, *DOWN)
    assert "ABORTED" in failed.value.failure


def test_a_photo_never_stands_under_the_name_of_another(page, stroke, answer):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    image = page.locator("#results img").first
    page.wait_for_function(SHOWN, arg=image.element_handle())
    # The next photo's picture is long in coming, as from a slow disk.
    page.route("**/icon.svg", lambda route: None)
    page.route("**/api/search", lambda route: route.fulfill(**answer("slow.jpg")))
    stroke(page, *DOWN)
    expect(first_name(page)).to_have_text("slow")
    assert not image.evaluate(SHOWN)


def test_a_photo_that_cannot_be_shown_leaves_its_place_empty(page, stroke, answer):
    page.route("**/icon.svg", lambda route: route.fulfill(status=404))
    page.route("**/api/search", lambda route: route.fulfill(**answer("gone.jpg")))
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("gone")
    expect(page.locator("#results img").first).to_be_hidden()


def test_what_is_found_is_read_out(page):
    expect(page.get_by_role("status")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_tools_keep_their_icons_on_every_screen(open_page, width):
    page = open_page(viewport={"width": width, "height": 800})
    for icon in page.locator(".tools svg").all():
        box = icon.bounding_box()
        assert min(box["width"], box["height"]) >= 16


def test_the_whole_search_can_be_done_with_the_keyboard(page):
    page.locator("#examples button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#results li").nth(2)).to_be_visible()
    page.locator("#results .card").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
