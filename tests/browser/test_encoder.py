"""The encoder on the page gives the native encoder's embeddings, or says why it cannot."""

import gzip
import shutil

import numpy as np
import pytest

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.site.page import SERVICE
from inkseek.strokes.sketch import Sketch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("runtime")]

LEAST_COSINE = 0.9999
ACROSS = [[[5, 50], [95, 50]]]

EMBED_ALL = """async ([drawings, card, model]) => {
    const { DeviceEncoder } = await import(new URL("encoder.js", document.baseURI));
    const encoder = await DeviceEncoder.load({ card, model });
    const rows = [];
    for (const strokes of drawings) rows.push([...(await encoder.embed(strokes)).embedding]);
    encoder.close();
    return rows;
}"""

# Turns an encoder on and has it prepare one search; what was told, and the body that would go.
PREPARE = """async ([strokes, card, model]) => {
    const { DeviceEncoder, OnDevice } = await import(new URL("encoder.js", document.baseURI));
    const told = [];
    const load = () => DeviceEncoder.load({ card, model });
    const device = new OnDevice(load, (isOn, reason) => told.push([isOn, reason]));
    await device.turnOn();
    const { body } = await device.prepare({ sketch: { canvas_size: 100, strokes }, k: 7 });
    const { isOn } = device;
    device.turnOff();
    return { told, body, isOn };
}"""
AT_SERVICE = ("/api/model/card", "/api/model/student.onnx")


@pytest.fixture(scope="module")
def blank(chromium):
    """Open an address with nothing running on it; the encoder must ask nobody else."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    asked = []
    context.on("request", lambda request: asked.append(request.url))

    def make(address):
        asked.clear()
        page.goto(f"{address}/icon.svg")
        return page

    yield make
    origin = page.url.removesuffix("/icon.svg")
    context.close()
    assert [url for url in asked if not url.startswith((origin, "blob:"))] == []


def to_sketches(drawings):
    return [Sketch(tuple(np.float32(s) for s in strokes), 256.0) for strokes in drawings]


def draw_walks(generator, count):
    """Strokes that wander as a hand does."""
    for _ in range(count):
        lengths = generator.integers(2, 40, generator.integers(1, 8))
        walks = [generator.normal(0, 8, (n, 2)).cumsum(0) for n in lengths]
        yield [(walk + generator.uniform(0, 256, 2)).tolist() for walk in walks]


def cosines(a, b):
    return (np.array(a) * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.parametrize("is_compressed", [True, False])
def test_the_shipped_model_embeds_as_it_does_natively(
    blank, serve_folder, generator, tmp_path, is_compressed
):
    folder = tmp_path / "page"
    shutil.copytree(SERVICE, folder)
    shutil.copytree(find_asset("models/default"), folder / "model")
    if not is_compressed:
        # As it arrives where a server declares the compression and the browser undoes it.
        runtime = folder / "vendor" / "ort.wasm.gz"
        runtime.write_bytes(gzip.decompress(runtime.read_bytes()))
    drawings = list(draw_walks(generator, 24 if is_compressed else 1))
    page = blank(serve_folder(folder))
    theirs = page.evaluate(EMBED_ALL, [drawings, "model/card.json", "model/student.onnx"])
    encoder = Encoder.load("default", precision="fp32")
    ours = encoder.embed_drawn(to_sketches(drawings), encoder.canvas_size)
    assert cosines(theirs, ours).min() > LEAST_COSINE


def test_the_service_gives_what_the_encoder_needs(blank, address, tiny_model, generator):
    drawings = [ACROSS, *draw_walks(generator, 8)]
    theirs = blank(address).evaluate(EMBED_ALL, [drawings, *AT_SERVICE])
    ours = Encoder.load(tiny_model, precision="fp32").embed_sketches(to_sketches(drawings))
    assert cosines(theirs, ours).min() > LEAST_COSINE


def test_an_embedding_takes_the_place_of_the_drawing(blank, address, tiny_model):
    answer = blank(address).evaluate(PREPARE, [ACROSS, *AT_SERVICE])
    assert answer["isOn"]
    assert {*answer["body"]} == {"embedding", "k"}
    (native,) = Encoder.load(tiny_model, precision="fp32").embed_sketches(to_sketches([ACROSS]))
    np.testing.assert_allclose(answer["body"]["embedding"], native, atol=1e-5)


@pytest.mark.parametrize(
    ("card", "model", "reason"),
    [
        (AT_SERVICE[0], "/api/model/none.onnx", "404"),
        ("/none.json", AT_SERVICE[1], "404"),
        (AT_SERVICE[0], "/icon.svg", "protobuf"),
    ],
)
def test_a_model_that_does_not_load_leaves_the_drawing_to_the_service(
    blank, address, card, model, reason
):
    answer = blank(address).evaluate(PREPARE, [ACROSS, card, model])
    assert not answer["isOn"]
    assert answer["body"] == {"sketch": {"canvas_size": 100, "strokes": ACROSS}, "k": 7}
    assert answer["told"][0][0] is False
    assert reason in answer["told"][0][1]


def test_a_page_without_the_runtime_says_so(blank, serve_folder, tmp_path):
    shutil.copytree(SERVICE, tmp_path / "page", ignore=shutil.ignore_patterns("vendor"))
    page = blank(serve_folder(tmp_path / "page"))
    answer = page.evaluate(PREPARE, [ACROSS, "icon.svg", "icon.svg"])
    assert not answer["isOn"]
    assert "make web" in answer["told"][0][1]


def test_a_drawing_that_fails_turns_it_off_and_goes_to_the_service(blank, address):
    hostile = [[[0, 1e300], [5, 5]]]
    answer = blank(address).evaluate(PREPARE, [hostile, *AT_SERVICE])
    assert [is_on for is_on, _ in answer["told"][:2]] == [True, False]
    assert "not finite" in answer["told"][1][1]
    assert "sketch" in answer["body"]


def test_a_closed_encoder_keeps_nobody_waiting(blank, address):
    reason = blank(address).evaluate(
        """async ([card, model]) => {
            const { DeviceEncoder } = await import("/encoder.js");
            const encoder = await DeviceEncoder.load({ card, model });
            const waiting = encoder.embed([[[0, 0], [9, 9]]]).catch((error) => error.message);
            encoder.close();
            return waiting;
        }""",
        list(AT_SERVICE),
    )
    assert "closed" in reason
