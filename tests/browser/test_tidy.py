import numpy as np
import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.75))


@pytest.fixture
def crossed(page, stroke):
    stroke(page, *ACROSS)
    stroke(page, *DOWN)
    expect(page.get_by_role("button", name="Tidy")).to_be_enabled()
    return page


def search_body(page, act):
    with page.expect_request("**/api/search") as asked:
        act()
    return asked.value.post_data_json["sketch"]["strokes"]


def test_strokes_move_and_one_step_brings_them_back(crossed):
    after = search_body(crossed, crossed.get_by_role("button", name="Tidy").click)
    expect(crossed.locator("#tidied")).to_contain_text("1 of 2 strokes moved")
    expect(crossed.locator("#pad-other polyline")).to_have_count(1)
    before = search_body(crossed, lambda: crossed.keyboard.press("Control+z"))
    assert after[0] == before[0]
    moves = np.subtract(after[1], before[1])
    np.testing.assert_allclose(moves, np.full_like(moves, [0, 51.2]), atol=0.1)
    assert search_body(crossed, lambda: crossed.keyboard.press("Control+Shift+z")) == after


def test_before_and_after_are_compared(crossed):
    after = search_body(crossed, crossed.get_by_role("button", name="Tidy").click)
    toggle = crossed.get_by_role("button", name="Before")
    before = search_body(crossed, toggle.click)
    assert before != after
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(crossed.locator("#pad-other polyline")).to_have_count(1)
    assert search_body(crossed, toggle.click) == after
    expect(toggle).to_have_attribute("aria-pressed", "false")


def test_a_new_stroke_ends_the_comparison(crossed, stroke):
    crossed.keyboard.press("t")
    expect(crossed.locator("#tidied")).to_be_visible()
    stroke(crossed, (0.1, 0.1), (0.2, 0.2))
    expect(crossed.locator("#tidied")).to_be_hidden()
    expect(crossed.locator("#pad-other polyline")).to_have_count(0)
    # Back where it was compared, there is nothing left to compare with.
    crossed.keyboard.press("Control+z")
    expect(crossed.locator("#tidied")).to_be_hidden()


def test_one_stroke_has_nowhere_to_go(page, stroke):
    expect(page.locator("#tidy")).to_be_visible()
    expect(page.locator("#tidy")).to_be_disabled()
    stroke(page, *ACROSS)
    expect(page.locator("#tidy")).to_be_disabled()


def test_strokes_that_are_in_place_leave_nothing_to_undo(crossed):
    def stay(route):
        strokes = route.request.post_data_json["sketch"]["strokes"]
        nearly = [[[x + 0.5, y] for x, y in stroke] for stroke in strokes]
        route.fulfill(json={"canvas_size": 512, "strokes": nearly, "moves": []})

    crossed.route("**/api/tidy", stay)
    crossed.locator("#tidy").click()
    expect(crossed.locator("#status")).to_have_text("Every stroke is in its place already.")
    expect(crossed.locator("#tidied")).to_be_hidden()
    assert len(search_body(crossed, lambda: crossed.keyboard.press("Control+z"))) == 1


def test_what_was_drawn_in_the_meantime_counts(crossed, stroke):
    waiting = []
    crossed.route("**/api/tidy", lambda route: waiting.append(route))
    with crossed.expect_request("**/api/tidy"):
        crossed.locator("#tidy").click()
    stroke(crossed, (0.1, 0.1), (0.2, 0.2))
    with crossed.expect_response("**/api/tidy"):
        waiting[0].continue_()
    crossed.wait_for_timeout(100)
    expect(crossed.locator("#tidied")).to_be_hidden()
    assert len(search_body(crossed, lambda: crossed.keyboard.press("Control+z"))) == 2


def test_a_refusal_is_told_and_the_drawing_stays(crossed):
    refusal = {"status": 501, "json": {"detail": "drawing needs torch; install it"}}
    crossed.route("**/api/tidy", lambda route: route.fulfill(**refusal))
    crossed.locator("#tidy").click()
    expect(crossed.locator("#status")).to_have_text("drawing needs torch; install it")
    expect(crossed.locator("#tidy")).to_be_enabled()


def test_a_drawing_that_stays_on_this_device_is_not_sent_to_be_tidied(runtime, crossed):
    crossed.locator("#refine").click()
    crossed.get_by_label("Encode on this device").check()
    expect(crossed.locator("#on-device-told")).to_be_empty()
    expect(crossed.locator("#tidy")).to_be_disabled()


def test_what_the_service_cannot_do_is_not_offered(page, stroke):
    def take_away(route):
        lacking = {"can_tidy": False, "can_encode_on_device": False}
        route.fulfill(json=route.fetch().json() | lacking)

    page.route("**/api/library", take_away)
    page.reload()
    expect(page.locator("#gallery")).to_have_text("60 photos")
    stroke(page, *ACROSS)
    stroke(page, *DOWN)
    expect(page.locator("#results li")).to_have_count(40)
    expect(page.locator("#tidy")).to_be_hidden()
    with page.expect_request("**/api/search"):
        page.keyboard.press("t")
        page.keyboard.press("Control+z")
    expect(page.locator("#tidied")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#tidy-key")).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator("#refine").click()
    expect(page.get_by_label("Search after every stroke")).to_be_visible()
    expect(page.get_by_label("Encode on this device")).to_be_hidden()
