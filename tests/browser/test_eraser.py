import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
DOWN = ((0.5, 0.05), (0.5, 0.95))
INK = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return new Uint32Array(data.buffer).filter((pixel) => pixel).length / (width * height);
}"""


def count_strokes(page, act):
    with page.expect_request("**/api/search") as asked:
        act()
    return len(asked.value.post_data_json["sketch"]["strokes"])


@pytest.fixture
def crossed(page, stroke):
    stroke(page, *ACROSS)
    stroke(page, *DOWN)
    return page


def test_the_eraser_takes_the_strokes_that_it_crosses(crossed, stroke):
    crossed.keyboard.press("e")
    expect(crossed.locator("#erase")).to_have_attribute("aria-pressed", "true")
    assert count_strokes(crossed, lambda: stroke(crossed, (0.2, 0.4), (0.2, 0.6))) == 1
    expect(crossed.locator("#results .name").first).to_have_text("down")


def test_what_was_erased_comes_back_in_one_step(crossed, stroke):
    crossed.locator("#erase").click()
    stroke(crossed, (0.2, 0.4), (0.3, 0.6), (0.6, 0.2))
    expect(crossed.locator("#erase")).to_be_disabled()
    assert count_strokes(crossed, lambda: crossed.keyboard.press("Control+z")) == 2


def test_an_eraser_that_meets_nothing_leaves_nothing_to_undo(crossed, stroke):
    crossed.locator("#erase").click()
    stroke(crossed, (0.2, 0.2), (0.3, 0.3))
    assert count_strokes(crossed, lambda: crossed.keyboard.press("Control+z")) == 1


def test_the_eraser_is_put_down_by_escape(crossed, stroke):
    crossed.locator("#erase").click()
    crossed.keyboard.press("Escape")
    assert count_strokes(crossed, lambda: stroke(crossed, (0.2, 0.4), (0.2, 0.6))) == 3


def test_all_points_between_two_frames_are_drawn(page):
    with page.expect_request("**/api/search") as asked:
        page.locator("#pad").evaluate(
            """pad => {
              const box = pad.getBoundingClientRect();
              const at = (x, y) => ({
                pointerId: 1, pointerType: "pen", clientX: box.left + x, clientY: box.top + y,
              });
              pad.setPointerCapture = () => {};
              pad.dispatchEvent(new PointerEvent("pointerdown", at(20, 20)));
              const coalescedEvents = [[60, 90], [120, 20], [180, 90]].map(
                ([x, y]) => new PointerEvent("pointermove", at(x, y)));
              pad.dispatchEvent(
                new PointerEvent("pointermove", { ...at(180, 90), coalescedEvents }));
              pad.dispatchEvent(new PointerEvent("pointerup", at(180, 90)));
            }"""
        )
    assert len(asked.value.post_data_json["sketch"]["strokes"][0]) == 4


def test_a_drawing_outlives_another_size_of_the_window(crossed):
    crossed.set_viewport_size({"width": 500, "height": 900})
    crossed.wait_for_function("() => document.querySelector('#pad').clientWidth < 420")
    crossed.wait_for_timeout(100)
    # Two lines, nine tenths of the side long and 0.014 wide.
    assert crossed.locator("#pad").evaluate(INK) == pytest.approx(2 * 0.9 * 0.014, rel=0.5)
    assert count_strokes(crossed, lambda: crossed.keyboard.press("Control+z")) == 1
