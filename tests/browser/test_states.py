"""What the page is like when all is well, and when it is not: for every eye and every screen."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
MOVING = """document.getAnimations().filter(
    (animation) => animation.effect.getComputedTiming().activeDuration > 0).length"""
SMALL = """[...document.querySelectorAll("button, a.button, select, summary")]
    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
    .filter((control) => Math.min(
        control.getBoundingClientRect().width, control.getBoundingClientRect().height) < 44)
    .map((control) => control.outerHTML.slice(0, 80))"""


def start(page):
    expect(page.locator("#start")).to_be_visible()


def results(page):
    page.get_by_role("button", name="Mushroom").click()
    expect(page.locator("#results li")).to_have_count(40)


def nothing(page):
    page.route(
        "**/api/search",
        lambda route: route.fulfill(json=route.fetch().json() | {"nothing_matches": True}),
    )
    results(page)
    expect(page.locator("#notice")).to_have_class("notice warn")


def steered(page):
    tags = [{"tag": "sea", "photos": 2}]
    page.route("**/api/tags", lambda route: route.fulfill(json=tags))
    results(page)
    page.locator("#results .card").nth(1).focus()
    page.keyboard.press("-")
    page.keyboard.press("f")
    page.locator("[name=orientation]").select_option("square")
    expect(page.locator(".chip")).to_have_count(2)


def viewer(page):
    results(page)
    page.locator("#results .card").first.click()
    page.get_by_role("button", name="Why?").click()
    expect(page.locator("#why-words")).to_contain_text(".")


def library(page):
    page.keyboard.press("l")
    page.get_by_role("button", name="Look for new photos").click()
    expect(page.locator("#jobs li").first).to_contain_text("Done")


def saved(page):
    results(page)
    page.keyboard.press("s")
    page.get_by_role("button", name="Save this drawing").click()
    expect(page.locator("#saved-list li")).to_have_count(1)


def keys(page):
    page.keyboard.press("?")


def tidied(page):
    results(page)
    page.get_by_role("button", name="Tidy").click()
    expect(page.locator("#tidied")).to_be_visible()


def menu(page):
    page.locator("#open").click()


def failed(page):
    page.route("**/api/search", lambda route: route.abort())
    page.get_by_role("button", name="Mushroom").click()
    expect(page.locator("#retry")).to_be_visible()


STATES = [start, results, nothing, steered, viewer, library, saved, keys, menu, tidied, failed]
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, state, scheme):
    page = open_page(color_scheme=scheme)
    state(page)
    # What is about to be replaced is dimmed for a moment.
    expect(page.locator("body.busy")).to_have_count(0)
    report = axe.run(page)
    assert report.violations_count == 0, report.generate_report()
    page.set_viewport_size(PHONE["viewport"])
    report = axe.run(page)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_everything_fits_a_phone_and_a_finger(open_page, state):
    page = open_page(**PHONE)
    state(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(SMALL) == []


def test_nothing_moves_for_those_who_asked_for_that(page):
    results(page)
    page.locator("#results .card").first.click()
    assert page.evaluate(MOVING) == 0


def test_the_page_carries_no_script_or_style_of_its_own(page, address):
    policy = page.request.get(address).headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    inside = "document.querySelectorAll('script:not([src]), style, [style], [onclick]').length"
    assert page.request.get(address).text().count("style=") == 0
    assert page.evaluate(inside) == page.evaluate("document.querySelectorAll('[style]').length")


def test_a_lost_service_is_said_and_its_answer_comes_when_it_is_back(page, stroke):
    page.context.set_offline(True)
    stroke(page, *ACROSS)
    status = page.get_by_role("status").first
    expect(status).to_contain_text("inkseek does not answer")
    page.wait_for_timeout(2500)
    expect(status).to_contain_text("inkseek does not answer")
    page.context.set_offline(False)
    expect(page.locator("#results .name").first).to_have_text("across")
    expect(page.locator("#retry")).to_be_hidden()


def test_a_service_with_a_token_shows_its_photos_to_who_knows_it(chromium, guarded_address, stroke):
    page = chromium.new_page()
    page.goto(f"{guarded_address}/")
    expect(page.locator("#status")).to_contain_text("token")
    page.goto("about:blank")
    page.goto(f"{guarded_address}/#token=a-token-for-tests")
    expect(page.locator("#gallery")).to_have_text("60 photos")
    assert "token" not in page.url
    stroke(page, *ACROSS)
    page.locator("#results .card").first.click()
    loaded = "photo => photo.naturalWidth === 64 && photo.src.includes('side=1600')"
    page.wait_for_function(loaded, arg=page.locator("#viewer-photo").element_handle())
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.get_by_role("button", name="Look for new photos").click()
    expect(page.locator("#jobs li").first).to_contain_text("Done")
    page.reload()
    expect(page.locator("#gallery")).to_have_text("60 photos")
    page.close()
