import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DETAILS = {
    "path": "/photos/2024/across.png",
    "folder": "/photos/2024",
    "width": 4000,
    "height": 3000,
    "taken_at": "2024-02-29T18:30:00",
    "tags": ["sea", "dog"],
    "bytes": 2_345_678,
    "duplicates": ["/photos/copy.png"],
}


@pytest.fixture
def open_viewer(open_page, stroke):
    def make(**options):
        page = open_page(**options)
        page.route("**/details", lambda route: route.fulfill(json=DETAILS))
        stroke(page, *ACROSS)
        expect(page.locator("#results .name").first).to_have_text("across")
        page.locator("#results .card").first.click()
        return page

    return make


def test_a_photo_is_told_with_its_file(open_viewer):
    page = open_viewer()
    facts = page.locator("#viewer-file")
    told = "February 29, 2024 · 4000 \u00d7 3000 · 2.3 MB · tagged sea, dog · /photos/2024"
    expect(facts).to_have_text(told)
    page.get_by_text("Files with this picture").click()
    expect(page.locator("#viewer-copies-list li")).to_have_text(["/photos/copy.png"])


def test_the_path_is_copied(open_viewer):
    page = open_viewer(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy path").click()
    expect(page.locator("#viewer-done")).to_have_text("Path copied.")
    assert page.evaluate("navigator.clipboard.readText()") == DETAILS["path"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": 204}, "Shown in its folder."),
        ({"status": 501, "json": {"detail": "There is no file manager."}}, "no file manager"),
    ],
)
def test_a_photo_is_shown_in_its_folder(open_viewer, answer, told):
    page = open_viewer()
    page.route("**/reveal", lambda route: route.fulfill(**answer))
    page.get_by_role("button", name="Show in folder").click()
    expect(page.locator("#viewer-done")).to_contain_text(told)


def test_the_service_knows_the_file_of_every_photo(page, stroke):
    stroke(page, *ACROSS)
    page.locator("#results .card").first.click()
    expect(page.locator("#viewer-file")).to_contain_text("64 \u00d7 64")


def test_a_swipe_goes_to_the_next_photo(open_viewer):
    page = open_viewer(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    session = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 300), ("touchMove", 200), ("touchMove", 100)):
        places = [{"x": x, "y": 400}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#viewer-name")).not_to_have_text("across.png")


def test_a_tap_on_the_photo_explains_it(open_viewer):
    page = open_viewer(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.locator("#viewer-photo").tap(position={"x": 300, "y": 40})
    expect(page.locator("#why-words")).to_contain_text("red stroke")
    page.locator("#viewer-photo").tap(position={"x": 300, "y": 40})
    expect(page.locator("#why-words")).to_be_empty()
