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
    page.locator("#results button", has_text="across").first.click()
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
