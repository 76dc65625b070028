import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))


@pytest.fixture
def narrowed(page, stroke):
    """A drawing and open filters, in the page of a gallery of square pictures of unknown time."""
    stroke(page, *ACROSS)
    page.keyboard.press("f")
    return page


def choose(page, name, value):
    field = page.locator(f"#filters [name={name}]")
    with page.expect_request("**/api/search") as asked:
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    return asked.value.post_data_json


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("orientation", "portrait", {"orientation": "portrait"}),
        ("min_side", "1080", {"min_side": 1080}),
        ("taken_after", "2024-02-28", {"taken_after": "2024-02-28"}),
        # Up to and with that day; the service takes what is before a moment.
        ("taken_before", "2024-02-28", {"taken_before": "2024-02-29"}),
    ],
)
def test_a_filter_narrows_the_search_at_once(narrowed, name, value, sent):
    body = choose(narrowed, name, value)
    assert body | sent == body
    expect(narrowed.get_by_role("status").first).to_contain_text("No photo passes")
    expect(narrowed.locator("#results li")).to_have_count(0)


def test_folders_are_offered_with_their_photos(narrowed):
    option = narrowed.locator("[name=folder] option").nth(1)
    expect(option).to_contain_text("photos (60)")
    folder = option.get_attribute("value")
    assert choose(narrowed, "folder", folder)["folder"] == folder
    expect(narrowed.locator("#results li")).to_have_count(40)
    choose(narrowed, "not_folder", folder)
    expect(narrowed.locator("#results li")).to_have_count(0)


def test_a_filter_is_shown_and_taken_away_by_its_chip(narrowed):
    choose(narrowed, "orientation", "portrait")
    expect(narrowed.locator("#refine-count")).to_have_text("1")
    narrowed.get_by_role("button", name="Take away: Portrait").click()
    expect(narrowed.locator("#results li")).to_have_count(40)
    expect(narrowed.locator("#refine-count")).to_be_empty()
    expect(narrowed.locator("#refine")).to_be_focused()


def test_without_tags_there_is_nothing_to_ask_for(narrowed):
    expect(narrowed.locator("[name=folder] option")).to_have_count(2)
    expect(narrowed.locator("[name=tags]")).to_be_hidden()


def test_tags_are_offered_and_spelled_as_on_the_photos(page, stroke):
    counts = [{"tag": "Sea", "photos": 7}, {"tag": "dog", "photos": 2}, {"tag": "sea", "photos": 1}]
    page.route("**/api/tags", lambda route: route.fulfill(json=counts))
    stroke(page, *ACROSS)
    page.keyboard.press("f")
    tags = page.get_by_label("Tagged")
    expect(tags).to_be_visible()
    expect(page.locator("datalist option")).to_have_count(3)
    with page.expect_request("**/api/search") as asked:
        tags.fill(" SEA, dog, unheard-of,")
        tags.press("Tab")
    assert asked.value.post_data_json["tags"] == ["Sea", "dog", "unheard-of"]
    expect(page.get_by_role("status").first).to_contain_text("No photo passes")
    chip = page.get_by_role("button", name="Take away: Tagged SEA and dog and unheard-of")
    chip.click()
    expect(page.locator("#results li")).to_have_count(40)
    with page.expect_request("**/api/search") as asked:
        tags.fill(" , ")
        tags.press("Tab")
    assert "tags" not in asked.value.post_data_json


def test_all_filters_are_reset_at_once(narrowed):
    choose(narrowed, "orientation", "portrait")
    choose(narrowed, "min_side", "3000")
    narrowed.get_by_role("button", name="Reset filters").click()
    expect(narrowed.locator("#results li")).to_have_count(40)


def test_searches_can_wait_for_the_word(narrowed, stroke):
    narrowed.get_by_label("Search after every stroke").uncheck()
    asked = []
    narrowed.on("request", lambda request: asked.append(request.url))
    narrowed.keyboard.press("Escape")
    stroke(narrowed, *DOWN)
    narrowed.keyboard.press("Control+z")
    expect(narrowed.get_by_role("status").first).to_have_text("Ready when you are.")
    assert not [url for url in asked if url.endswith("/api/search")]
    narrowed.get_by_role("button", name="Search", exact=True).click()
    expect(narrowed.locator("#results .name").first).to_have_text("across")


def test_a_failure_to_list_folders_is_told(page):
    page.route("**/api/folders", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    page.locator("#refine").click()
    expect(page.locator("#filters-problem")).to_have_text("Busy.")


def test_no_field_reaches_beyond_its_place_on_a_phone(open_page):
    page = open_page(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.locator("#refine").click()
    wide = """[...document.querySelectorAll("#filters label")].filter((label) =>
        [...label.children].some((field) => field.offsetWidth > label.offsetWidth + 1)
    ).map((label) => label.textContent)"""
    assert page.evaluate(wide) == []
