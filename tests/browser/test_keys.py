import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
AT = "[...document.querySelectorAll('#results .card')].indexOf(document.activeElement)"
STOPS = "document.querySelectorAll('#results button[tabindex=\"0\"]').length"


@pytest.fixture
def found(page, stroke):
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).to_have_count(40)
    page.locator("#results .card").first.focus()
    return page


def test_arrow_keys_go_from_photo_to_photo(found):
    found.keyboard.press("ArrowRight")
    found.keyboard.press("ArrowRight")
    assert found.evaluate(AT) == 2
    before = found.locator("#results .card").nth(2).bounding_box()
    found.keyboard.press("ArrowDown")
    below = found.locator("#results .card").nth(found.evaluate(AT)).bounding_box()
    assert below["y"] > before["y"]
    assert below["x"] == pytest.approx(before["x"], abs=1)
    found.keyboard.press("ArrowUp")
    assert found.evaluate(AT) == 2
    found.keyboard.press("End")
    assert found.evaluate(AT) == 39
    found.keyboard.press("Home")
    assert found.evaluate(AT) == 0


def test_all_photos_are_one_stop_of_the_tab_key(found):
    assert found.evaluate(STOPS) == 1
    found.keyboard.press("ArrowRight")
    assert found.evaluate(STOPS) == 1
    found.keyboard.press("Tab")
    expect(found.locator("#more")).to_be_focused()


def test_further_photos_follow_and_the_focus_goes_on_with_them(found):
    found.locator("#more").focus()
    with found.expect_request("**/api/search") as asked:
        found.keyboard.press("Enter")
    assert asked.value.post_data_json["offset"] == 40
    expect(found.locator("#results li")).to_have_count(60)
    found.wait_for_function(f"() => {AT} === 40")
    expect(found.locator("#more")).to_be_hidden()
    names = found.locator("#results .name").all_inner_texts()
    assert len(set(names)) == 60


def test_every_window_opens_and_closes_by_key(page):
    for key, name in (("l", "Library"), ("s", "Saved drawings"), ("?", "Help and keys")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name=name)).to_be_hidden()
    page.keyboard.press("f")
    expect(page.locator("#filters select").first).to_be_focused()
    page.keyboard.press("Escape")


def test_letters_can_be_turned_off_and_stay_off(page):
    page.keyboard.press("?")
    page.get_by_label("Keys of a single letter").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.reload()
    page.locator("#gallery", has_text="60 photos").wait_for()
    page.keyboard.press("l")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_letters_typed_into_a_field_are_no_keys(found):
    found.keyboard.press("s")
    found.locator("#saved-name").press_sequentially("else")
    found.keyboard.press("Backspace")
    expect(found.locator("#saved-name")).to_have_value("els")
    expect(found.get_by_role("dialog", name="Saved drawings")).to_be_visible()


def test_the_menu_of_the_open_button_takes_the_focus_and_gives_it_back(page):
    page.locator("#open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ways-file")).to_be_focused()
    expect(page.locator("#open")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#open")).to_be_focused()
