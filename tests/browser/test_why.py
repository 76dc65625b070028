import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))
RED = "rgb(214, 69, 65)"

STROKE_COLOURS = """[...document.querySelectorAll("#why-sketch polyline")]
    .map(line => getComputedStyle(line).stroke)"""


@pytest.fixture
def viewer(page, stroke):
    """The photo of a line across, found by that line and one that it does not show."""
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    stroke(page, *DOWN)
    page.locator("#results .card", has_text="across").first.click()
    return page


def test_the_stroke_that_the_photo_shows_is_coloured_and_ringed(viewer):
    viewer.get_by_role("button", name="Why?").click()
    expect(viewer.locator("#why-photo circle")).to_have_count(1)
    assert viewer.evaluate(STROKE_COLOURS)[0] == RED
    assert viewer.evaluate(STROKE_COLOURS)[1] != RED
    expect(viewer.locator("#why-words")).to_contain_text("red stroke")
    ring = viewer.locator("#why-photo circle").bounding_box()
    photo = viewer.locator("#viewer-photo").bounding_box()
    assert ring["y"] + ring["height"] / 2 == pytest.approx(
        photo["y"] + photo["height"] / 2, abs=0.15 * photo["height"]
    )


def test_it_follows_to_the_next_photo_and_goes_with_the_viewer(viewer):
    why = viewer.get_by_role("button", name="Why?")
    why.click()
    expect(why).to_have_attribute("aria-pressed", "true")
    with viewer.expect_request("**/api/explain"):
        viewer.keyboard.press("ArrowRight")
    viewer.locator("#viewer-close").click()
    expect(viewer.locator("#why")).to_have_attribute("aria-pressed", "false")


def test_a_failure_is_told_in_place_of_the_explanation(viewer):
    viewer.route(
        "**/api/explain", lambda route: route.fulfill(status=503, json={"detail": "Out of order."})
    )
    viewer.get_by_role("button", name="Why?").click()
    expect(viewer.locator("#why-words")).to_have_text("Out of order.")


def test_a_mouse_that_rests_on_a_photo_colours_the_strokes_on_the_pad(page, stroke):
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    box = page.locator("#results .card").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    expect(page.locator("#results .rings circle")).to_have_count(1)
    colours = """[...document.querySelectorAll("#pad-why polyline")]
        .map(line => getComputedStyle(line).stroke)"""
    assert page.evaluate(colours) == [RED]
    page.mouse.move(5, 5)
    expect(page.locator("#pad-why polyline")).to_have_count(0)
    expect(page.locator("#results .rings")).to_have_count(0)


def test_a_mouse_on_its_way_elsewhere_asks_nothing(page, stroke):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    box = page.locator("#results").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    assert not [url for url in asked if url.endswith("/api/explain")]


def test_an_answer_is_asked_for_once(viewer):
    asked = []
    viewer.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        viewer.get_by_role("button", name="Why?").click()
    expect(viewer.locator("#why-words")).to_contain_text("red stroke")
    assert len([url for url in asked if url.endswith("/api/explain")]) == 1
