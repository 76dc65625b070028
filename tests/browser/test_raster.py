"""The page's raster draws the very pixels of the Python kernel."""

import json

import numpy as np
import pytest

from inkseek.raster.draw import draw_batch
from inkseek.strokes.readers import read_sketch
from inkseek.strokes.sketch import Sketch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CANVAS_SIZES = [32, 64, 96, 128, 256]

HOSTILE = [
    [[[5, 5]]],
    [[[0, 0], [0, 0]]],
    [[[-1e6, 3], [1e6, 3]]],
    [[[1e38, 1e38], [-1e38, -1e38], [1e38, -1e38]]],
    [[[1e-40, 0], [3e-40, 2e-40]]],
    [[[16777216, 1], [16777217, 2], [16777218, 4]]],
    [[[0.1, 0.2], [0.30000001, 0.2]], [[0.1, 0.2, 5, 0.5]]],
    [[[0, i % 2] for i in range(400)]],
]

DRAW_ALL = """async ([drawings, sizes]) => {
    const { draw } = await import("/raster.js");
    const hashes = [];
    for (const side of sizes) for (const strokes of drawings) {
        const digest = await crypto.subtle.digest("SHA-256", draw(strokes, side));
        const bytes = [...new Uint8Array(digest)];
        hashes.push(bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    return hashes;
}"""
DRAW_ONE = """async ([strokes, side, options]) => {
    const { draw } = await import("/raster.js");
    return [...draw(strokes, side, options)];
}"""


@pytest.fixture(scope="module")
def blank(chromium, address):
    """A page of the service with nothing running on it."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/icon.svg")
    yield page
    context.close()


def to_sketch(strokes):
    return Sketch(tuple(np.float32([point[:2] for point in s]) for s in strokes), 256.0)


def draw_randomly(generator, count):
    """Strokes of every length, step and scale, most of them nothing a hand would draw."""
    for _ in range(count):
        scale = 10.0 ** generator.uniform(-6, 6)
        lengths = generator.integers(1, 40, generator.integers(1, 12))
        yield [(scale * generator.standard_normal((n, 2))).tolist() for n in lengths]


def read_quickdraw(root):
    """The first drawing of every category, as the data set has it."""
    for path in sorted((root / "quickdraw" / "simplified").glob("*.ndjson")):
        with path.open(encoding="utf-8") as file:
            strokes = json.loads(next(file))["drawing"]
        yield [list(map(list, zip(*stroke, strict=True))) for stroke in strokes]


def read_emoji(root, count):
    for path in sorted((root / "emoji" / "sketch").glob("*.svg"))[:count]:
        yield [stroke.tolist() for stroke in read_sketch(path).strokes]


def compare(page, drawings):
    """Number of pictures, and those in which any pixel differs."""
    from hashlib import sha256

    theirs = page.evaluate(DRAW_ALL, [drawings, CANVAS_SIZES])
    sketches = [to_sketch(strokes) for strokes in drawings]
    ours = [
        sha256(image.tobytes()).hexdigest()
        for side in CANVAS_SIZES
        for image in draw_batch(sketches, side)
    ]
    return len(ours), [
        i for i, pair in enumerate(zip(ours, theirs, strict=True)) if len({*pair}) > 1
    ]


def test_made_up_sketches_give_the_same_pixels(blank, generator):
    drawings = [*HOSTILE, *draw_randomly(generator, 192)]
    count, different = compare(blank, drawings)
    assert count == 1000
    assert different == []


def test_real_drawings_give_the_same_pixels(blank, data_root):
    drawings = [*read_quickdraw(data_root), *read_emoji(data_root, 100)]
    count, different = compare(blank, drawings)
    assert count >= 1500
    assert different == []


def test_coordinates_are_rounded_to_what_python_keeps(blank):
    # In doubles the three points lie on another grid than in float32.
    strokes = [[[16777216.0, 0], [16777217.0, 1], [16777219.0, 0.5]]]
    theirs = blank.evaluate(DRAW_ONE, [strokes, 32, {}])
    assert theirs == draw_batch([to_sketch(strokes)], 32)[0].flatten().tolist()


@pytest.mark.parametrize(("pen_width", "margin"), [(0.05, 0.0), (0.5, 0.25), (0.001, 0.0625)])
def test_pen_and_margin_mean_the_same(blank, generator, pen_width, margin):
    (strokes,) = draw_randomly(generator, 1)
    options = {"penWidth": pen_width, "margin": margin}
    theirs = blank.evaluate(DRAW_ONE, [strokes, 96, options])
    ours = draw_batch([to_sketch(strokes)], 96, pen_width=pen_width, margin=margin)
    assert theirs == ours[0].flatten().tolist()


def test_nothing_drawn_is_white(blank):
    assert {*blank.evaluate(DRAW_ONE, [[], 8, {}])} == {255}


@pytest.mark.parametrize("arguments", [([[[0, 0]]], 0), ([[[0, 0]]], 1.5), ([[[0, 1e39]]], 8)])
def test_what_cannot_be_drawn_is_refused(blank, arguments):
    call = "async ([s, n]) => { try { await (DRAW)([s, n]) } catch (e) { return e.name } }"
    assert blank.evaluate(call.replace("DRAW", DRAW_ONE), list(arguments)) == "RangeError"
