import json
import re

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOWN = [(0.5, 0.1), (0.5, 0.9)]
ACROSS = [(0.1, 0.5), (0.9, 0.5)]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M4 0L4 9"/></svg>'
SVG_FILE = {"name": "line.svg", "mimeType": "image/svg+xml", "buffer": SVG.encode()}


def best(page):
    """Name of the first photo found."""
    return page.locator("#results li .name").first


def answer(route, name, **more):
    hit = {
        "photo_id": "0" * 32,
        "name": name,
        "similarity": 0.5,
        "confidence": 0.9,
        "num_duplicates": 0,
        "thumbnail": "/icon.svg",
        "photo": "/icon.svg",
    }
    body = {"hits": [hit], "nothing_matches": False, "milliseconds": 1}
    route.fulfill(json=body | more)


def num_strokes(page, act):
    """Strokes in the search that an act leads to."""
    with page.expect_request("**/api/search") as request:
        act()
    return len(json.loads(request.value.post_data)["sketch"]["strokes"])


def test_a_line_drawn_with_the_mouse_finds_its_photo(page, draw_line):
    draw_line(page, *DOWN)
    expect(best(page)).to_contain_text("down")
    image = page.locator("#results img").first
    page.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=image.element_handle())


def test_a_hit_says_how_sure_it_is_and_how_many_copies_there_are(page, draw_line):
    draw_line(page, *DOWN)
    card = page.locator("#results li").first
    expect(card.locator(".words")).to_have_text("Very likely")
    expect(card.locator(".copies")).to_have_text("+1")
    label = re.compile(r"^1\. down.*, very likely, \d+ %, 1 more file with this picture$")
    expect(card.locator("button")).to_have_attribute("aria-label", label)


def test_every_stroke_searches_with_all_of_them(page, draw_line):
    assert num_strokes(page, lambda: draw_line(page, *DOWN)) == 1
    assert num_strokes(page, lambda: draw_line(page, *ACROSS)) == 2


def test_undo_and_redo_take_a_stroke_back_and_give_it_again(page, draw_line):
    draw_line(page, *DOWN)
    draw_line(page, *ACROSS)
    assert num_strokes(page, page.locator("#undo").click) == 1
    expect(best(page)).to_contain_text("down")
    assert num_strokes(page, page.locator("#redo").click) == 2
    expect(page.locator("#redo")).to_be_disabled()


def test_clear_empties_pad_and_results_and_can_be_undone(page, draw_line):
    draw_line(page, *DOWN)
    expect(best(page)).to_contain_text("down")
    page.locator("#clear").click()
    expect(page.locator("#results li")).to_have_count(0)
    expect(page.locator("#clear")).to_be_disabled()
    expect(page.locator("#start")).to_be_visible()
    page.locator("#undo").click()
    expect(best(page)).to_contain_text("down")


def test_the_keys_undo_redo_and_clear(page, draw_line):
    draw_line(page, *DOWN)
    draw_line(page, *ACROSS)
    assert num_strokes(page, lambda: page.keyboard.press("Control+z")) == 1
    assert num_strokes(page, lambda: page.keyboard.press("Control+Shift+z")) == 2
    page.keyboard.press("Delete")
    expect(page.locator("#results li")).to_have_count(0)


def test_a_late_answer_never_replaces_a_newer_one(open_page, draw_line):
    # Without the abort the late answer does arrive, so that the page itself must refuse it.
    page = open_page(script="AbortController.prototype.abort = () => {};")
    held = []

    def hold_first(route):
        if held:
            answer(route, "newer.png")
        else:
            held.append(route)

    page.route("**/api/search", hold_first)
    draw_line(page, *DOWN)
    draw_line(page, *ACROSS)
    expect(best(page)).to_have_text("newer")
    with page.expect_response("**/api/search"):
        answer(held[0], "older.png")
    page.wait_for_timeout(200)
    expect(best(page)).to_have_text("newer")


def test_an_answer_that_comes_after_clear_is_not_shown(open_page, draw_line):
    page = open_page(script="AbortController.prototype.abort = () => {};")
    held = []
    page.route("**/api/search", held.append)
    with page.expect_request("**/api/search"):
        draw_line(page, *DOWN)
    page.locator("#clear").click()
    with page.expect_response("**/api/search"):
        answer(held[0], "older.png")
    page.wait_for_timeout(200)
    expect(page.locator("#results li")).to_have_count(0)


def test_a_new_stroke_aborts_the_search_before(page, draw_line):
    held = []
    page.route("**/api/search", held.append)
    with page.expect_request("**/api/search"):
        draw_line(page, *DOWN)
    with page.expect_event("requestfailed") as failed:
        draw_line(page, *ACROSS)
    assert "ABORTED" in failed.value.failure


def test_the_page_says_plainly_that_nothing_matches(page, draw_line):
    page.route("**/api/search", lambda route: answer(route, "x.png", nothing_matches=True))
    draw_line(page, *DOWN)
    expect(page.locator("#status")).to_contain_text("Nothing matches well")
    expect(page.locator("#results li")).to_have_count(1)


def test_an_empty_gallery_says_how_to_fill_it(page, draw_line):
    page.route("**/api/search", lambda route: answer(route, "", hits=[]))
    draw_line(page, *DOWN)
    expect(page.locator("#status")).to_contain_text("inkseek index")


def test_a_service_that_is_gone_is_an_error_that_can_be_tried_again(page, draw_line):
    page.route("**/api/search", lambda route: route.abort())
    draw_line(page, *DOWN)
    expect(page.locator("#status")).to_contain_text("does not answer")
    page.unroute("**/api/search")
    page.locator("#retry").click()
    expect(best(page)).to_contain_text("down")
    expect(page.locator("#retry")).to_be_hidden()


def test_a_photo_never_stands_under_the_name_of_another(page, draw_line):
    draw_line(page, *DOWN)
    expect(best(page)).to_contain_text("down")
    image = page.locator("#results img").first
    page.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=image.element_handle())
    # This picture never comes, as on a slow disk: what was there before must be gone.
    page.route("**/thumbnail", lambda route: None)
    page.route("**/slow", lambda route: None)
    hit = {"photo_id": "1", "name": "slow.png", "similarity": 0.5, "confidence": 0.9}
    hit |= {"num_duplicates": 0, "thumbnail": "/slow", "photo": "/slow"}
    page.route("**/api/search", lambda route: answer(route, "", hits=[hit]))
    draw_line(page, *ACROSS)
    expect(best(page)).to_have_text("slow")
    shown = page.locator("#results img").first.evaluate(
        "i => getComputedStyle(i).visibility === 'visible' && getComputedStyle(i).opacity > 0 "
        "&& i.complete && i.naturalWidth > 0 && !i.currentSrc.endsWith('/slow')"
    )
    assert not shown


def test_a_drawing_file_can_be_chosen(page):
    page.locator("#file").set_input_files(SVG_FILE)
    expect(best(page)).to_contain_text("down")


def test_a_drawing_file_can_be_dropped(page):
    transfer = page.evaluate_handle(
        """svg => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([svg], "line.svg", { type: "image/svg+xml" }));
            return transfer;
        }""",
        SVG,
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_be_hidden()
    expect(best(page)).to_contain_text("down")


def test_a_file_that_is_no_drawing_says_so_and_leaves_the_pad_alone(page, draw_line):
    draw_line(page, *DOWN)
    expect(best(page)).to_contain_text("down")
    page.locator("#file").set_input_files(
        {"name": "nothing.svg", "mimeType": "image/svg+xml", "buffer": b"\x00\x01 nothing"}
    )
    expect(page.locator("#status")).to_contain_text("nothing.svg")
    expect(page.locator("#retry")).to_be_hidden()
    expect(best(page)).to_contain_text("down")


def test_an_example_starts_a_search(page):
    page.locator("#examples button").first.click()
    expect(page.locator("#results li")).not_to_have_count(0)


def test_a_hit_opens_large_and_gives_the_focus_back(page, draw_line):
    draw_line(page, *DOWN)
    card = page.locator("#results li button").first
    card.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#viewer")).to_be_visible()
    expect(page.locator("#viewer-name")).to_contain_text("down")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-name")).not_to_contain_text("down")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(card).to_be_focused()


def test_touch_draws_without_scrolling_the_page(open_page):
    page = open_page(**PHONE)
    touch(page, "touchStart", (0.5, 0.1))
    for step in range(2, 10):
        touch(page, "touchMove", (0.5, step / 10))
    touch(page, "touchEnd")
    expect(best(page)).to_contain_text("down")
    assert page.evaluate("scrollY") == 0


def test_a_palm_does_not_draw_beside_a_pen(open_page):
    page = open_page(**PHONE)
    pen(page, "mousePressed", (0.5, 0.1))
    for step in range(2, 10):
        pen(page, "mouseMoved", (0.5, step / 10))
    touch(page, "touchStart", (0.1, 0.9))
    touch(page, "touchMove", (0.4, 0.9))
    touch(page, "touchEnd")
    assert num_strokes(page, lambda: pen(page, "mouseReleased", (0.5, 0.9))) == 1
    expect(best(page)).to_contain_text("down")


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_buttons_are_large_enough_and_nothing_sticks_out(open_page, draw_line, screen):
    page = open_page(**screen)
    draw_line(page, *DOWN)
    expect(best(page)).to_contain_text("down")
    for name in ("undo", "redo", "clear", "open"):
        box = page.locator(f"#{name}").bounding_box()
        assert min(box["width"], box["height"]) >= 44
        icon = page.locator(f"#{name} svg").bounding_box()
        assert min(icon["width"], icon["height"]) >= 16, name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_dark_and_light_differ_and_both_can_be_read(open_page):
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        ink, paper = (
            sum(
                map(int, re.findall(r"\d+", page.evaluate(f"getComputedStyle(document.body).{it}")))
            )
            for it in ("color", "backgroundColor")
        )
        assert (paper > ink + 450) if scheme == "light" else (ink > paper + 450)


def test_the_status_is_read_out_as_it_changes(page):
    expect(page.locator("#status")).to_have_attribute("aria-live", "polite")
    expect(page.locator("#pad")).to_have_attribute("aria-label", re.compile("Drawing pad"))


def touch(page, kind, place=None):
    points = [] if place is None else [dict(zip("xy", on_pad(page, place), strict=True))]
    send(page, "Input.dispatchTouchEvent", type=kind, touchPoints=points)


def pen(page, kind, place):
    x, y = on_pad(page, place)
    down = {"buttons": 0 if kind == "mouseReleased" else 1, "button": "left", "clickCount": 1}
    send(page, "Input.dispatchMouseEvent", type=kind, x=x, y=y, pointerType="pen", **down)


def send(page, method, **params):
    session = page.context.new_cdp_session(page)
    session.send(method, params)
    session.detach()


def on_pad(page, place):
    box = page.locator("#pad").bounding_box()
    return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]
