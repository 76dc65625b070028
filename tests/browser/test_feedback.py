import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))


def names(page):
    return page.locator("#results .name").all_inner_texts()


@pytest.fixture
def found(page, stroke):
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    return page


def test_not_this_takes_a_photo_away_until_it_is_taken_back(found):
    before = names(found)
    found.locator("#results .card").first.hover()
    found.get_by_role("button", name="Not across", exact=True).click()
    expect(found.locator("#results .name").first).not_to_have_text("across")
    assert "across" not in names(found)
    found.get_by_role("button", name="Take away: Not across").click()
    expect(found.locator("#results .name").first).to_have_text("across")
    assert names(found) == before


def test_more_like_this_moves_the_photo_up_and_changes_the_ranking(found):
    before = names(found)
    liked = before[12]
    found.locator("#results .card").nth(12).focus()
    found.keyboard.press("+")
    expect(found.locator("#steered button")).to_have_count(1)
    found.wait_for_function("() => !document.body.classList.contains('busy')")
    after = names(found)
    assert after.index(liked) < 12
    assert set(after[:12]) != set(before[:12])
    found.locator("#steered button").click()
    expect(found.locator("#results .name").nth(12)).to_have_text(liked)


def test_a_photo_is_not_liked_and_disliked_at_once(found):
    found.locator("#results .card").first.click()
    found.locator("#viewer-liked").click()
    expect(found.locator("#steered .liked")).to_have_count(1)
    found.locator("#results .card", has_text="across").click()
    expect(found.locator("#viewer-liked")).to_have_attribute("aria-pressed", "true")
    found.locator("#viewer-disliked").click()
    expect(found.locator("#steered .disliked")).to_have_count(1)
    expect(found.locator("#steered .liked")).to_have_count(0)


def test_confidence_is_not_claimed_where_it_was_not_measured(found):
    expect(found.locator("#results .percent").first).not_to_be_empty()
    found.locator("#results .card").first.focus()
    found.keyboard.press("+")
    expect(found.locator("#results .words").first).to_contain_text("similarity")
    expect(found.locator("#results .percent").first).to_be_empty()


def test_another_drawing_starts_afresh(found, stroke):
    found.locator("#results .card").first.focus()
    found.keyboard.press("-")
    expect(found.locator("#steered button")).to_have_count(1)
    found.locator("#clear").click()
    expect(found.locator("#steered button")).to_have_count(0)


def test_photos_like_a_photo_are_found_and_a_stroke_ends_it(found, stroke):
    found.locator("#results .card").first.click()
    with found.expect_request("**/api/search") as asked:
        found.get_by_role("button", name="Search with this photo").click()
    assert "sketch" not in asked.value.post_data_json
    expect(found.locator("#sought button")).to_have_count(1)
    expect(found.locator("#results .name").first).not_to_have_text("across")
    with found.expect_request("**/api/search") as asked:
        stroke(found, *DOWN)
    assert "like_photo" not in asked.value.post_data_json
    expect(found.locator("#sought button")).to_have_count(0)


def test_what_is_like_a_photo_is_not_explained_by_strokes(found):
    found.locator("#results .card").first.click()
    found.get_by_role("button", name="Search with this photo").click()
    expect(found.locator("#results .words").first).to_contain_text("similarity")
    found.locator("#results .card").first.click()
    expect(found.get_by_role("button", name="Why?")).to_be_hidden()
