import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))

SMALLEST_BUTTON = """Math.min(...[...document.querySelectorAll("button")]
    .filter(button => button.checkVisibility())
    .map(button => button.getBoundingClientRect())
    .map(box => Math.min(box.width, box.height)))"""


def first_name(page):
    return page.locator("#results .name").first


def wait_for(page, waiting, count):
    while len(waiting) < count:
        page.wait_for_timeout(10)


def test_a_late_answer_never_replaces_a_newer_one(page, stroke, answer):
    waiting = []
    page.route("**/api/search", lambda route: waiting.append(route))
    for count, line in enumerate((ACROSS, DOWN), start=1):
        stroke(page, *line)
        wait_for(page, waiting, count)
    early, late = waiting
    late.fulfill(**answer("newer.jpg"))
    expect(first_name(page)).to_have_text("newer")
    early.fulfill(**answer("older.jpg"))
    page.wait_for_timeout(200)
    expect(first_name(page)).to_have_text("newer")


def test_an_answer_after_clear_shows_nothing(page, stroke, answer):
    waiting = []
    page.route("**/api/search", lambda route: waiting.append(route))
    stroke(page, *ACROSS)
    wait_for(page, waiting, 1)
    page.locator("#clear").click()
    waiting[0].fulfill(**answer("late.jpg"))
    page.wait_for_timeout(200)
    expect(page.locator("#results li")).to_have_count(0)


def test_says_plainly_that_nothing_matches(page, stroke, answer):
    page.route("**/api/search", lambda route: route.fulfill(**answer("a", nothing_matches=True)))
    stroke(page, *ACROSS)
    expect(page.get_by_role("status")).to_have_text("Nothing matches well yet. These come closest.")


def test_an_empty_gallery_says_what_to_do(page, stroke, answer):
    page.route("**/api/search", lambda route: route.fulfill(**answer()))
    stroke(page, *ACROSS)
    expect(page.get_by_role("status")).to_contain_text("inkseek index")


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.9, "Very likely"), (0.2, "Likely"), (0.05, "Possible"), (0.001, "Unlikely")],
)
def test_confidence_is_told_in_words(page, stroke, answer, confidence, words):
    found = answer("a.jpg", confidence=confidence)
    page.route("**/api/search", lambda route: route.fulfill(**found))
    stroke(page, *ACROSS)
    expect(page.locator(".words").first).to_have_text(words)


def test_near_duplicates_are_counted(page, stroke, answer):
    found = answer("a.jpg", num_duplicates=2)
    page.route("**/api/search", lambda route: route.fulfill(**found))
    stroke(page, *ACROSS)
    expect(page.locator(".copies").first).to_have_text("+2")
    label = page.locator("#results .card").first.get_attribute("aria-label")
    assert label == "1. a.jpg, likely, 30 %, 2 more files with this picture"


def test_a_service_that_is_gone_is_said_and_tried_again(page, stroke):
    page.route("**/api/search", lambda route: route.abort())
    stroke(page, *ACROSS)
    expect(page.get_by_role("status")).to_contain_text("inkseek does not answer")
    page.unroute("**/api/search")
    page.get_by_role("button", name="Try again").click()
    expect(first_name(page)).to_have_text("across")
    expect(page.locator("#retry")).to_be_hidden()


def test_cards_stay_where_they_are_while_one_draws(page, stroke):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    before = [card.bounding_box() for card in page.locator("#results li").all()]
    stroke(page, *DOWN)
    page.wait_for_load_state("networkidle")
    assert [card.bounding_box() for card in page.locator("#results li").all()] == before


def test_more_is_shown_up_to_the_end(page, stroke):
    stroke(page, *ACROSS)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#results li")).to_have_count(60)
    expect(page.locator("#more")).to_be_hidden()


def test_every_photo_shown_is_a_picture(page, stroke):
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).to_have_count(40)
    loaded = "list => [...list.querySelectorAll('img')].every(image => image.naturalWidth > 0)"
    page.wait_for_function(loaded, arg=page.locator("#results").element_handle())
    assert page.locator(".missing").count() == 0


def test_the_viewer_shows_a_photo_and_its_neighbours(page, stroke):
    stroke(page, *ACROSS)
    names = page.locator("#results .name")
    expect(names.first).to_have_text("across")
    page.locator("#results .card").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#viewer-name")).to_have_text("across.png")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-name")).not_to_have_text("across.png")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#viewer-name")).to_have_text("across.png")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#results .card").nth(1)).to_be_focused()


def test_keys_of_the_pad_do_nothing_while_the_viewer_is_open(page, stroke):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    page.locator("#results .card").first.click()
    page.keyboard.press("Delete")
    expect(page.locator("#results li")).to_have_count(40)


@pytest.mark.parametrize("size", [(1280, 800), (820, 1180), (390, 844), (320, 568)])
def test_the_layout_fits_the_screen_and_the_finger(open_page, stroke, size):
    page = open_page(viewport={"width": size[0], "height": size[1]})
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).to_have_count(40)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    pad = page.locator("#pad").bounding_box()
    assert pad["width"] == pytest.approx(pad["height"], abs=1)
    assert pad["y"] + pad["height"] < size[1]
    assert page.evaluate(SMALLEST_BUTTON) >= 44


def test_only_a_slow_answer_dims_what_was_found_before(page, stroke):
    page.evaluate(
        """() => {
            window.classes = new Set();
            const note = () => ["dim", "slow"].forEach((name) =>
                document.querySelector(`.${name}`) && window.classes.add(name));
            for (const watched of [document.body, document.getElementById("results")])
                new MutationObserver(note).observe(watched, { attributeFilter: ["class"] });
        }"""
    )
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    opacity = "getComputedStyle(document.getElementById('results')).opacity"
    assert page.evaluate(opacity) == "1"
    waiting = []
    page.route("**/api/search", lambda route: waiting.append(route))
    page.evaluate("window.classes.clear()")
    stroke(page, *DOWN)
    assert page.evaluate(opacity) == "1"
    page.wait_for_function(f"() => {opacity} === '0.5' && window.classes.size === 2")
    waiting[0].continue_()
    page.wait_for_function(f"() => {opacity} === '1' && !document.querySelector('.dim, .slow')")


def test_cards_that_come_back_are_as_new(page, stroke, answer):
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).to_have_count(40)
    page.locator("#results .card").nth(5).focus()
    page.locator("#results li").nth(5).locator(".liked").evaluate("button => button.click()")
    expect(page.locator("#results .liked[aria-pressed=true]")).to_have_count(1)
    page.locator("#clear").click()
    expect(page.locator("#results li")).to_have_count(0)
    stroke(page, *ACROSS)
    expect(page.locator("#results li")).to_have_count(40)
    expect(page.locator("#results [aria-pressed=true]")).to_have_count(0)
    expect(page.locator("#results .card[tabindex='0']")).to_have_count(1)
    page.locator("#clear").click()
    page.route("**/api/search", lambda route: route.fulfill(**answer("a.jpg", "b.jpg", "c.jpg")))
    stroke(page, *DOWN)
    expect(page.locator("#results .name")).to_have_text(["a", "b", "c"])
    labels = page.locator("#results .action").evaluate_all(
        "buttons => buttons.map((button) => button.getAttribute('aria-label'))"
    )
    assert labels == [f"{word} {name}" for name in "abc" for word in ("More like", "Not")]
    page.locator("#results .card").nth(1).click()
    expect(page.locator("#viewer-name")).to_have_text("b.jpg")
