"""The page in a real browser, over a gallery of drawn photos."""

import json
import multiprocessing
import shutil
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.errors import InkseekError
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.raster.draw import draw
from inkseek.search import Searcher
from inkseek.server.app import Access, create_app
from inkseek.server.drawing_model import DrawingModel
from inkseek.site.page import check_runtime
from inkseek.strokes.sketch import Sketch

NUM_PHOTOS = 60

TOKEN = "a-token-for-tests"
LINES = {"across": [[5, 50], [95, 50]], "down": [[50, 5], [50, 95]]}


@pytest.fixture(scope="session")
def draw_photos(tiny_model):
    """Make a searcher over photos of two straight lines and scribbles, and a file that is none."""

    def make(folder):
        photos = folder / "photos"
        photos.mkdir()
        generator = np.random.default_rng(0)
        scribbles = generator.uniform(5, 95, (NUM_PHOTOS - len(LINES), 5, 2))
        drawn = LINES | {f"scribble-{i}": points for i, points in enumerate(scribbles)}
        for name, points in drawn.items():
            ink = draw(Sketch((np.float32(points),), 100.0), 64, pen_width=0.05)
            Image.fromarray(np.repeat(ink[..., None], 3, axis=2)).save(photos / f"{name}.png")
        (photos / "broken.png").write_bytes(b"no picture")
        encoder = Encoder.load(tiny_model)
        url = str(folder / "gallery")
        gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
        index_folders([photos], gallery, encoder, workers=1)
        return Searcher(gallery, encoder)

    return make


@pytest.fixture(scope="session")
def drawn_photos(draw_photos, tmp_path_factory):
    """One that all tests share."""
    return draw_photos(tmp_path_factory.mktemp("drawn"))


def lower(sketch):
    """Tidied: the first stroke stays, the others go down by a tenth of the canvas."""
    first, *others = sketch.strokes
    return replace(sketch, strokes=(first, *(stroke + np.float32([0, 0.1]) for stroke in others)))


@pytest.fixture(scope="session")
def address(drawn_photos, serve):
    """Where a service runs that searches the drawn photos and tidies drawings."""
    with serve(create_app(drawn_photos, drawing_model=DrawingModel(tidy=lower))) as url:
        yield url


@pytest.fixture(scope="session")
def guarded_address(drawn_photos, serve):
    """The same for a service that asks for TOKEN."""
    with serve(create_app(drawn_photos, Access(token=TOKEN))) as url:
        yield url


@pytest.fixture(scope="session")
def chromium():
    """A browser of the system; none is downloaded."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this computer; on Debian: apt-get install chromium")
    # A busy computer is slow, not wrong.
    playwright.expect.set_options(timeout=60_000)
    with playwright.sync_playwright() as driver:
        # A container's root has no sandbox.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        # Processes that training forked hold the driver's pipes open, and it would not end.
        for process in multiprocessing.active_children():
            process.terminate()
            process.join()
        browser.close()


@pytest.fixture
def open_page(chromium, address):
    """Open the page; at the end it must have asked nobody else and reported no error."""
    opened = []

    def make(**options):
        options = {"viewport": {"width": 1280, "height": 800}} | options
        context = chromium.new_context(reduced_motion="reduce", **options)
        page = context.new_page()
        page.set_default_timeout(60_000)
        asked, problems = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        opened.append((context, asked, problems))
        page.goto(address)
        page.locator("#gallery", has_text="60 photos").wait_for()
        return page

    yield make
    for context, asked, problems in opened:
        context.close()
        assert all(url.startswith(address) for url in asked)
        # Chromium reports every failed request, which some tests are about.
        assert [text for text in problems if "Failed to load resource" not in text] == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def stroke():
    """Draw a line with the mouse; positions are shares of the pad."""

    def make(page, *points):
        box = page.locator("#pad").bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=5)
        page.mouse.up()

    return make


@pytest.fixture(scope="session")
def runtime():
    """Skip where `make web` has not fetched what the encoder in the browser needs."""
    try:
        check_runtime()
    except InkseekError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def serve_folder():
    """Offer a folder as a web server that knows nothing of inkseek would: its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    servers = []

    def start(folder):
        handler = partial(Quiet, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def answer():
    """A made-up answer of the service."""

    def make(*names, nothing_matches=False, confidence=0.3, num_duplicates=0):
        hits = [
            {
                "photo_id": f"{i:032x}",
                "name": name,
                "similarity": 0.5,
                "confidence": confidence,
                "num_duplicates": num_duplicates,
                "thumbnail": "/icon.svg",
                "photo": "/icon.svg",
            }
            for i, name in enumerate(names)
        ]
        body = {
            "hits": hits,
            "nothing_matches": nothing_matches,
            "more": False,
            "milliseconds": 1.0,
        }
        return {"status": 200, "content_type": "application/json", "body": json.dumps(body)}

    return make
