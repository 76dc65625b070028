import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

ACROSS = ((0.05, 0.5), (0.95, 0.5))
SWITCH = "Encode on this device"


def draw(page, stroke):
    with page.expect_request("**/api/search") as asked:
        stroke(page, *ACROSS)
    return asked.value.post_data_json


def test_only_the_embedding_leaves_the_device(runtime, page, stroke):
    asked = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.locator("#refine").click()
    page.get_by_label(SWITCH).check()
    body = draw(page, stroke)
    assert "sketch" not in body
    assert len(body["embedding"]) == 16
    expect(page.locator("#results .name").first).to_have_text("across")
    box = page.locator("#results .card").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.wait_for_timeout(500)
    assert not [text for text in asked if "strokes" in text]


def test_what_cannot_run_here_is_done_by_the_service(runtime, page, stroke):
    page.route("**/api/model/student.onnx*", lambda route: route.fulfill(status=404, json={}))
    page.locator("#refine").click()
    page.get_by_label(SWITCH).click()
    expect(page.locator("#on-device-told")).to_contain_text("The service does it.")
    expect(page.get_by_label(SWITCH)).not_to_be_checked()
    assert "sketch" in draw(page, stroke)
    expect(page.locator("#results .name").first).to_have_text("across")
