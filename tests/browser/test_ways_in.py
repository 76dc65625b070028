"""Drawings that one has: links, saved ones, pictures of a page."""

import io

import pytest
from PIL import Image, ImageDraw

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
CLIPBOARD = ["clipboard-read", "clipboard-write"]
SPIRAL = """() => import("/compact.js").then(({ pack, unpack }) => {
  const spiral = Array.from({ length: 400 }, (_, i) => {
    const [angle, radius] = [i / 20, 20 + i / 2];
    return [256 + radius * Math.cos(angle), 256 + radius * Math.sin(angle)];
  });
  const code = pack([spiral, [[1, 2]], [[-30, 600], [511.5, 0]]]);
  const back = unpack(code);
  const nearest = ([x, y]) => Math.min(...back[0].map(([u, v]) => Math.hypot(x - u, y - v)));
  return {
    code, back, ends: [spiral.at(-1), back[0].at(-1)],
    broken: ["", "!", "AAAA", "_____w", code.slice(0, -3)].map((text) => unpack(text)),
  };
})"""


def first_name(page):
    return page.locator("#results .name").first


def test_strokes_become_a_short_text_and_back(page):
    found = page.evaluate(SPIRAL)
    assert len(found["code"]) < 400
    assert [len(stroke) for stroke in found["back"]][1:] == [1, 2]
    assert found["back"][1:] == [[[1, 2]], [[-30, 600], [511.5, 0]]]
    assert found["ends"][1] == pytest.approx(found["ends"][0], abs=0.25)


def test_a_text_that_is_no_drawing_is_none(page):
    *broken, cut = page.evaluate(SPIRAL)["broken"]
    assert broken == [None] * 4
    assert cut is None or cut != page.evaluate(SPIRAL)["back"]


def test_a_link_holds_the_drawing_and_nothing_else(open_page, stroke):
    page = open_page(permissions=CLIPBOARD)
    assert page.locator("#share").is_disabled()
    stroke(page, *ACROSS)
    page.locator("#share").click()
    expect(page.get_by_role("status").first).to_contain_text("Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Delete")
    page.goto("about:blank")
    page.goto(link)
    expect(first_name(page)).to_have_text("across")
    assert "draw" not in page.url


def test_a_link_that_was_cut_short_opens_an_empty_pad(page, address):
    page.goto("about:blank")
    page.goto(f"{address}/#draw=!!")
    expect(page.locator("#start")).to_be_visible()


def test_a_saved_drawing_outlives_the_page(page, stroke):
    stroke(page, *ACROSS)
    page.keyboard.press("s")
    page.locator("#saved-name").fill("My line")
    page.get_by_role("button", name="Save this drawing").click()
    page.reload()
    page.get_by_role("button", name="Saved").click()
    expect(page.locator("#saved-form")).to_be_hidden()
    page.get_by_role("button", name="My line", exact=True).click()
    expect(first_name(page)).to_have_text("across")


def test_a_saved_search_comes_back_with_its_filters(page, stroke):
    stroke(page, *ACROSS)
    page.keyboard.press("f")
    page.locator("[name=folder] option").nth(1).wait_for(state="attached")
    page.locator("[name=folder]").select_option(index=1)
    page.locator("[name=orientation]").select_option("square")
    page.locator("#saved-open").click()
    page.locator("#saved-name").fill("My line")
    page.keyboard.press("Enter")
    expect(page.locator("#saved-list small")).to_have_text("2 filters")
    page.reload()
    page.keyboard.press("s")
    with page.expect_request(lambda asked: "square" in (asked.post_data or "")) as asked:
        page.locator("#saved-list .tile").click()
    assert asked.value.post_data_json["folder"].endswith("photos")
    expect(page.locator("#narrowed button")).to_have_count(2)
    expect(first_name(page)).to_have_text("across")


def test_a_saved_search_without_filters_takes_them_away(page, stroke):
    stroke(page, *ACROSS)
    page.keyboard.press("s")
    page.locator("#saved-name").fill("My line")
    page.keyboard.press("Enter")
    page.locator("#saved-close").click()
    page.locator("#refine").click()
    page.locator("[name=orientation]").select_option("portrait")
    expect(page.locator("#results li")).to_have_count(0)
    page.locator("#saved-open").click()
    page.locator("#saved-list .tile").click()
    expect(page.locator("#narrowed button")).to_have_count(0)
    expect(first_name(page)).to_have_text("across")


def test_a_saved_drawing_can_be_deleted(page, stroke):
    stroke(page, *ACROSS)
    page.keyboard.press("s")
    page.locator("#saved-name").fill("My line")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete My line").click()
    expect(page.locator("#saved-none")).to_be_visible()
    assert page.evaluate("localStorage.getItem('inkseek-saved')") == "[]"


def test_what_another_program_left_in_the_storage_is_passed_over(page):
    page.evaluate("localStorage.setItem('inkseek-saved', '{\"no\": \"list\"}')")
    page.keyboard.press("s")
    expect(page.locator("#saved-none")).to_be_visible()


def photograph():
    """A page with a line across, in the light of a lamp."""
    page = Image.linear_gradient("L").resize((300, 300)).point(lambda value: 170 + value // 4)
    ImageDraw.Draw(page).line((30, 150, 270, 152), fill=30, width=5)
    content = io.BytesIO()
    page.save(content, "JPEG")
    return content.getvalue()


def test_a_photographed_drawing_is_traced(page):
    page.locator("#open").click()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Photograph a drawing").click()
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files({"name": "page.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    expect(first_name(page)).to_have_text("across")


def test_a_picture_is_pasted_from_the_menu(open_page):
    page = open_page(permissions=CLIPBOARD)
    page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(300, 300);
          const context = canvas.getContext("2d");
          context.fillStyle = "white";
          context.fillRect(0, 0, 300, 300);
          context.fillStyle = "black";
          context.fillRect(20, 148, 260, 5);
          const blob = await canvas.convertToBlob({ type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }"""
    )
    page.locator("#open").click()
    page.get_by_role("button", name="Paste a picture").click()
    expect(first_name(page)).to_have_text("across")


def test_nothing_to_paste_is_said(open_page):
    page = open_page(permissions=CLIPBOARD)
    page.evaluate("navigator.clipboard.writeText('words')")
    page.locator("#open").click()
    page.get_by_role("button", name="Paste a picture").click()
    expect(page.get_by_role("status").first).to_contain_text("no picture to paste")
