"""The page chooses the canvas that Python chooses, draws on it, and says so."""

import json
import shutil

import numpy as np
import pytest

from inkseek.encoder import Encoder
from inkseek.errors import InkseekError
from inkseek.search import Searcher
from inkseek.selector import read_points
from inkseek.server.app import create_app
from inkseek.site.export import export_site
from inkseek.site.page import SERVICE
from inkseek.strokes.readers import read_sketch
from inkseek.strokes.sketch import Sketch

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READ = """async ([drawings, card]) => {
    const { readPoints } = await import(new URL("selector.js", document.baseURI));
    return drawings.map((strokes) => [...readPoints(strokes, card)]);
}"""

CHOOSE = """async ([drawings, card, model]) => {
    const { DeviceEncoder } = await import(new URL("encoder.js", document.baseURI));
    const encoder = await DeviceEncoder.load({ card, model });
    const found = [];
    for (const strokes of drawings) {
        const { embedding, answered } = await encoder.embed(strokes);
        found.push({ ...answered, embedding: [...embedding] });
    }
    encoder.close();
    return found;
}"""

LOAD = """async ([card, model]) => {
    const { DeviceEncoder } = await import(new URL("encoder.js", document.baseURI));
    return DeviceEncoder.load({ card, model }).then(() => "loaded", (error) => error.message);
}"""
MODEL = ("model/card.json", "model/student.onnx")
SWITCH = "Encode on this device"
ACROSS = ((0.05, 0.5), (0.95, 0.5))

# Ties of distance and of length, doubled points, dots, and more strokes than points are allowed.
MADE = [
    [[[5, 5]]],
    [[[0, 0], [0, 0]]],
    [[[0, i % 2] for i in range(400)]],
    [[[i, (i * 7) % 11] for i in range(90)] for _ in range(3)],
    [[[i, j], [i + 1, j], [i, j + 1]] for i in range(0, 60, 2) for j in range(0, 6, 2)],
    [[[i, 3]] for i in range(130)],
    [[[1e38, 1e38], [-1e38, -1e38], [1e38, -1e38]]],
    [[[16777216, 1], [16777217, 2], [16777218, 4]]],
]


@pytest.fixture(scope="module")
def page_folder(choosing_model, tmp_path_factory):
    """The page's files with a model that chooses, for a server that knows nothing of inkseek."""
    folder = tmp_path_factory.mktemp("choosing") / "page"
    shutil.copytree(SERVICE, folder)
    shutil.copytree(choosing_model, folder / "model")
    return folder


@pytest.fixture
def blank(chromium, serve_folder):
    """Open a served folder with nothing running on it."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)

    def make(folder):
        page.goto(f"{serve_folder(folder)}/icon.svg")
        return page

    yield make
    context.close()


@pytest.fixture(scope="module")
def choosing(drawn_photos, choosing_model):
    """A searcher over the drawn photos whose model chooses; it has the other's networks."""
    return Searcher(drawn_photos.gallery, Encoder.load(choosing_model, precision="fp32"))


def to_sketches(drawings):
    return [
        Sketch(tuple(np.float32([point[:2] for point in s]) for s in strokes if s), 256.0)
        for strokes in drawings
    ]


def draw_walks(generator, count):
    """Strokes that wander as a hand does, of up to a few hundred points."""
    for _ in range(count):
        lengths = generator.integers(1, 120, generator.integers(1, 8))
        walks = [generator.normal(0, 8, (n, 2)).cumsum(0) for n in lengths]
        yield [(walk + generator.uniform(0, 256, 2)).tolist() for walk in walks]


def read_real(root):
    """The first drawing of every category of Quick, Draw!, as its user drew it, and emoji."""
    for path in sorted((root / "quickdraw" / "raw").glob("*.ndjson")):
        with path.open(encoding="utf-8") as file:
            strokes = json.loads(next(file))["drawing"]
        yield [list(map(list, zip(*stroke[:2], strict=True))) for stroke in strokes]
    for path in sorted((root / "emoji" / "sketch").glob("*.svg"))[:160]:
        yield [stroke.tolist() for stroke in read_sketch(path).strokes]


def read_both(page, drawings, card):
    """What either side's selector reads of each drawing."""
    settings = {"max_points": card.max_points, "margin": card.margin}
    theirs = page.evaluate(READ, [drawings, settings])
    ours = [read_points(sketch, card) for sketch in to_sketches(drawings)]
    return [np.float32(rows).reshape(-1, 5) for rows in theirs], ours


@pytest.mark.parametrize(("max_points", "margin"), [(100, 0.0625), (20, 0.0), (7, 0.25)])
def test_the_selector_reads_the_very_points_that_python_reads(
    blank, page_folder, choosing, generator, max_points, margin
):
    changes = {"max_points": max_points, "margin": margin}
    card = choosing.encoder.card.selector.model_copy(update=changes)
    drawings = [*MADE, *draw_walks(generator, 40)]
    theirs, ours = read_both(blank(page_folder), drawings, card)
    for their, our in zip(theirs, ours, strict=True):
        np.testing.assert_array_equal(their, our)
    assert max(map(len, ours)) <= max_points


def test_every_real_sketch_gets_the_canvas_that_python_gives_it(
    runtime, blank, page_folder, choosing, data_root
):
    drawings = list(read_real(data_root))
    assert len(drawings) >= 500
    found = blank(page_folder).evaluate(CHOOSE, [drawings, *MODEL])
    sketches = to_sketches(drawings)
    choice = choosing.encoder.choose(sketches)
    assert len({*choice.sizes.tolist()}) > 2
    assert [one["canvas_size"] for one in found] == choice.sizes.tolist()
    np.testing.assert_allclose([one["gflops"] for one in found], choice.gflops, rtol=1e-12)
    rows = np.array([one["embedding"] for one in found])
    assert np.sum(rows * choosing.encoder.embed_sketches(sketches), axis=1).min() > 0.9999


def test_a_model_without_a_selector_tells_no_canvas(runtime, blank, tiny_model, tmp_path):
    shutil.copytree(SERVICE, tmp_path / "page")
    shutil.copytree(tiny_model, tmp_path / "page" / "model")
    (found,) = blank(tmp_path / "page").evaluate(CHOOSE, [[[[[5, 50], [95, 50]]]], *MODEL])
    assert {*found} == {"embedding"}


def cut(content):
    return content[: len(content) // 2]


def exchange(content):
    return content.replace(b"policy", b"poIicy")


def remove(content):
    return None


@pytest.mark.parametrize(
    ("damage", "is_on_the_card"), [(cut, True), (remove, True), (cut, False), (exchange, False)]
)
def test_a_selector_that_is_damaged_is_told(
    runtime, blank, page_folder, tmp_path, damage, is_on_the_card
):
    folder = shutil.copytree(page_folder, tmp_path / "page")
    selector = folder / "model" / "selector.onnx"
    content = damage(selector.read_bytes())
    selector.unlink()
    if content is not None:
        selector.write_bytes(content)
    if not is_on_the_card:
        # As where a browser computes no digest: the runtime alone finds what is wrong.
        change_card(folder, lambda card: card["files"].pop("selector.onnx"))
    reason = blank(folder).evaluate(LOAD, list(MODEL))
    assert "selector.onnx" in reason or "chooses the canvas" in reason


@pytest.mark.parametrize(
    "change",
    [
        {"canvas_sizes": [32, 64, 96, 1_000_000]},
        {"canvas_sizes": [32, 64, 96, 97]},
        {"canvas_sizes": "32"},
        {"max_points": 1e9},
        {"margin": None},
    ],
)
def test_a_hostile_card_chooses_nothing(runtime, blank, page_folder, tmp_path, change):
    folder = shutil.copytree(page_folder, tmp_path / "page")
    change_card(folder, lambda card: card["selector"].update(change))
    assert "does not say how its canvas" in blank(folder).evaluate(LOAD, list(MODEL))


def test_a_policy_over_other_canvases_is_refused(runtime, blank, page_folder, tmp_path):
    folder = shutil.copytree(page_folder, tmp_path / "page")
    change_card(folder, lambda card: card["selector"].update(canvas_sizes=[32, 64, 96]))
    assert "gives no choice" in blank(folder).evaluate(LOAD, list(MODEL))


def change_card(folder, change):
    path = folder / "model" / "card.json"
    card = json.loads(path.read_text())
    change(card)
    path.write_text(json.dumps(card))


@pytest.fixture
def choosing_page(chromium, serve, choosing):
    """The page of a service whose model chooses."""
    with serve(create_app(choosing)) as url:
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        page.goto(url)
        page.locator("#gallery", has_text="60 photos").wait_for()
        yield page
        page.close()


def test_page_and_service_say_the_same_of_a_drawing(runtime, choosing_page, stroke):
    stroke(choosing_page, *ACROSS)
    speed = choosing_page.locator("#speed")
    expect(speed).to_contain_text("GFLOPs")
    by_service = speed.text_content().partition(" · ")[2]
    choosing_page.locator("#refine").click()
    choosing_page.get_by_label(SWITCH).check()
    with choosing_page.expect_request("**/api/search") as asked:
        stroke(choosing_page, (0.5, 0.1), (0.5, 0.9))
        choosing_page.locator("#undo").click()
    assert "embedding" in asked.value.post_data_json
    expect(speed).to_contain_text(by_service)
    assert by_service.partition(" px")[0] in {"32", "64", "96", "128"}


def test_a_selector_that_is_gone_leaves_the_drawing_to_the_service(runtime, choosing_page, stroke):
    gone = {"status": 404, "json": {}}
    choosing_page.route("**/api/model/selector.onnx", lambda route: route.fulfill(**gone))
    choosing_page.locator("#refine").click()
    choosing_page.get_by_label(SWITCH).click()
    told = choosing_page.locator("#on-device-told")
    expect(told).to_contain_text("selector.onnx cannot be loaded (404). The service does it.")
    with choosing_page.expect_request("**/api/search") as asked:
        stroke(choosing_page, *ACROSS)
    assert "sketch" in asked.value.post_data_json
    expect(choosing_page.locator("#speed")).to_contain_text("GFLOPs")


def test_a_site_draws_on_the_chosen_canvas(
    runtime, chromium, serve_folder, choosing, stroke, tmp_path
):
    export_site(choosing.gallery, choosing.encoder, tmp_path / "site")
    page = chromium.new_page(reduced_motion="reduce")
    page.set_default_timeout(60_000)
    page.goto(serve_folder(tmp_path / "site"))
    page.get_by_text("60 photos").wait_for()
    stroke(page, *ACROSS)
    expect(page.locator("#results .name").first).to_have_text("across")
    expect(page.locator("#speed")).to_contain_text("GFLOPs")
    (tmp_path / "site" / "model" / "selector.onnx").write_bytes(b"not a network")
    page.reload()
    expect(page.locator("#status")).to_contain_text("selector.onnx is not the file")
    page.close()


def test_a_selector_that_changed_is_not_exported(choosing, choosing_model, tmp_path, runtime):
    folder = shutil.copytree(choosing_model, tmp_path / "model")
    encoder = Encoder.load(folder)
    (folder / "selector.onnx").write_bytes(b"not a network")
    with pytest.raises(InkseekError, match=r"selector\.onnx is not the file"):
        export_site(choosing.gallery, encoder, tmp_path / "site")
