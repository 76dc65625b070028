import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))


def first_name(page):
    return page.locator("#results .name").first


def test_a_line_drawn_with_the_mouse_finds_the_photo_of_it(page, stroke):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    expect(page.locator("#results li")).to_have_count(40)
    expect(page.locator("#status")).to_have_text("Best of 60 photos")


def test_results_follow_every_stroke_and_every_step_back(page, stroke):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#results li")).to_have_count(0)
    stroke(page, *DOWN)
    expect(first_name(page)).to_have_text("down")
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(first_name(page)).to_have_text("across")
    for _ in range(2):
        page.get_by_role("button", name="Redo").click()
    expect(first_name(page)).to_have_text("down")


def test_keys_undo_redo_and_clear(page, stroke):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    page.keyboard.press("Control+z")
    expect(page.locator("#results li")).to_have_count(0)
    page.keyboard.press("Control+Shift+Z")
    expect(first_name(page)).to_have_text("across")
    page.keyboard.press("Delete")
    expect(page.locator("#results li")).to_have_count(0)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect(first_name(page)).to_have_text("across")


def test_buttons_are_enabled_when_they_would_do_something(page, stroke):
    def enabled():
        return [page.locator(f"#{name}").is_enabled() for name in ("undo", "redo", "clear")]

    assert enabled() == [False, False, False]
    stroke(page, *ACROSS)
    assert enabled() == [True, False, True]
    page.locator("#clear").click()
    assert enabled() == [True, False, False]
    page.locator("#undo").click()
    assert enabled() == [True, True, True]


def test_a_tap_is_a_dot(page, stroke):
    with page.expect_request("**/api/search") as asked:
        stroke(page, (0.5, 0.5))
    assert len(asked.value.post_data_json["sketch"]["strokes"][0]) == 1


def test_other_mouse_buttons_do_not_draw(page):
    page.locator("#pad").click(button="right")
    assert page.locator("#undo").is_disabled()


def test_a_pen_draws_and_the_palm_beside_it_does_not(open_page):
    page = open_page(has_touch=True)
    box = page.locator("#pad").bounding_box()
    left, top = box["x"], box["y"]
    session = page.context.new_cdp_session(page)

    def pen(kind, x, y):
        event = {"type": kind, "x": left + x, "y": top + y, "button": "left", "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", event | {"buttons": 1, "clickCount": 1})

    def touch(kind, *points):
        places = [{"x": left + x, "y": top + y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    pen("mousePressed", 20, box["height"] / 2)
    touch("touchStart", (200, 300))
    touch("touchMove", (220, 300))
    pen("mouseMoved", box["width"] / 2, box["height"] / 2)
    touch("touchEnd")
    with page.expect_request("**/api/search") as asked:
        pen("mouseReleased", box["width"] - 20, box["height"] / 2)
    assert len(asked.value.post_data_json["sketch"]["strokes"]) == 1
    touch("touchStart", (100, 100))
    touch("touchEnd")
    page.locator("#undo").click()
    assert page.locator("#undo").is_disabled()


def test_a_finger_draws_without_scrolling_the_page(open_page):
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 664})
    box = page.locator("#pad").bounding_box()
    session = page.context.new_cdp_session(page)
    middle = box["x"] + box["width"] / 2
    for step in range(11):
        y = box["y"] + box["height"] * (0.95 - 0.09 * step)
        kind = "touchMove" if step else "touchStart"
        places = [{"x": middle, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(first_name(page)).to_have_text("down")
    assert page.evaluate("scrollY") == 0


def test_a_stroke_that_the_system_takes_over_is_kept(open_page):
    page = open_page(has_touch=True)
    box = page.locator("#pad").bounding_box()
    session = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 20), ("touchMove", 200)):
        places = [{"x": box["x"] + x, "y": box["y"] + 200}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    with page.expect_request("**/api/search"):
        session.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
    assert page.locator("#undo").is_enabled()


@pytest.mark.parametrize(("scheme", "is_light"), [("light", False), ("dark", True)])
def test_the_ink_stands_out_from_the_paper(open_page, stroke, scheme, is_light):
    page = open_page(color_scheme=scheme)
    stroke(page, *ACROSS)
    middle = """canvas => [...canvas.getContext("2d").getImageData(
        canvas.width / 2, canvas.height / 2, 1, 1).data]"""
    red, *_, alpha = page.locator("#pad").evaluate(middle)
    assert alpha > 200
    assert (red > 128) is is_light


def test_an_example_fills_the_pad_and_can_be_taken_back(page):
    page.get_by_role("button", name="Mushroom").click()
    expect(page.locator("#results li")).to_have_count(40)
    expect(page.get_by_role("button", name="Mushroom")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Mushroom")).to_be_visible()


def test_a_drawing_file_is_opened(page, tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M4 0V9"/></svg>'
    (tmp_path / "line.svg").write_text(svg)
    page.locator("#file").set_input_files(tmp_path / "line.svg")
    expect(first_name(page)).to_have_text("down")


def test_a_file_that_is_no_drawing_leaves_the_drawing_alone(page, stroke, tmp_path):
    stroke(page, *ACROSS)
    expect(first_name(page)).to_have_text("across")
    (tmp_path / "notes.txt").write_text("no drawing")
    page.locator("#file").set_input_files(tmp_path / "notes.txt")
    expect(page.locator("#status")).to_contain_text("notes.txt")
    expect(first_name(page)).to_have_text("across")
    assert page.locator("#retry").is_hidden()


def test_a_dropped_file_is_opened(page):
    page.evaluate(
        """() => {
          const svg = '<svg viewBox="0 0 9 9"><path d="M4 0V9"/></svg>';
          const files = new DataTransfer();
          files.items.add(new File([svg], "line.svg"));
          for (const kind of ["dragover", "drop"]) {
            const options = { dataTransfer: files, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new DragEvent(kind, options));
          }
        }"""
    )
    expect(first_name(page)).to_have_text("down")
    expect(page.locator("#drop")).to_be_hidden()
