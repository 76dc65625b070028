import json

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOWN = [(0.5, 0.1), (0.5, 0.9)]
ACROSS = [(0.1, 0.5), (0.9, 0.5)]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M4 0L4 9"/></svg>'


def first_name(page):
    return page.locator("#results li").first.locator(".name")


def make_answer(name, *, nothing_matches=False, confidence=0.9):
    hit = {
        "photo_id": "0" * 32,
        "name": name,
        "similarity": 0.5,
        "confidence": confidence,
        "num_duplicates": 0,
        "thumbnail": "/icon.svg",
        "photo": "/icon.svg",
    }
    return json.dumps({"hits": [hit], "nothing_matches": nothing_matches, "milliseconds": 1})


def answer(route, name, **more):
    route.fulfill(body=make_answer(name, **more), content_type="application/json")


def test_a_line_drawn_with_the_mouse_finds_its_photo(page, draw_line):
    draw_line(page, *DOWN)
    expect(first_name(page)).to_contain_text("down")
    expect(page.locator("#status")).to_have_text("Best matches first")
    image = page.locator("#results img").first
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0


def test_a_hit_says_how_sure_it_is_and_how_many_copies_there_are(page, draw_line):
    draw_line(page, *DOWN)
    card = page.locator("#results li").first
    expect(card.locator(".words")).to_have_text("Very likely")
    expect(card.locator(".copies")).to_have_text("+1")
    expect(card.locator("button")).to_have_attribute("aria-label", compile_label())


def compile_label():
    import re

    return re.compile(r"^1\. down.*, very likely, \d+ %, 1 more file with this picture$")
