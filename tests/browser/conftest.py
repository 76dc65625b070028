"""The page in Chromium, before a gallery of four photos of drawings, two of them the same."""

import shutil
import threading
import time

import numpy as np
import pytest
import uvicorn
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.strokes.sketch import Sketch

STROKES = {
    "across": [[0, 50], [100, 50]],
    "down": [[50, 0], [50, 100]],
    "corner": [[0, 0], [100, 0], [100, 90]],
}

WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="session")
def address(tiny_model, tmp_path_factory):
    """Where the service listens."""
    folder = tmp_path_factory.mktemp("drawn")
    photos = folder / "photos"
    photos.mkdir()
    for name, points in STROKES.items():
        ink = draw(Sketch((np.float32(points),), 100.0), 64, pen_width=0.05)
        Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(photos / f"{name}.png")
    shutil.copy(photos / "down.png", photos / "down-again.png")
    encoder = Encoder.load(tiny_model)
    gallery = Gallery.open(
        str(folder / "gallery"), model_digest=encoder.digest, dim=encoder.dim, create=True
    )
    index_folders([photos], gallery, encoder, workers=1)
    app = create_app(Searcher(gallery, encoder))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on the path; install it to run the browser tests")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """Open the page on a screen of one's choice; fails if the page ever complained."""
    opened = []

    def open_page(*, script="", **screen):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | screen))
        context.set_default_timeout(20_000)
        page = context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(WATCH + script)
        page.goto(address)
        page.locator("#gallery", has_text="photos").wait_for()
        opened.append((context, page, complaints))
        return page

    yield open_page
    for context, page, complaints in opened:
        violations = page.evaluate("window.violations")
        context.close()
        assert (complaints, violations) == ([], [])


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def draw_line():
    """Draw a line with the mouse; places are shares of the pad."""

    def draw_line(page, *places):
        box = page.locator("#pad").bounding_box()
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()

    return draw_line
