"""How long is it from the pen's lift to painted results, with 10,000 photos? And the first visit?

Run: make web, then python benchmarks/page.py    writes benchmarks/results/page.json. Wants Chromium
and playwright. Three ways: the service encodes and searches; the page encodes and the service
searches; a site without a service, whose page does both. The gallery is the sample pictures many
times over, each row with noise of its own in the embedding, so that no two fold into one. A mouse
draws the examples of the start page stroke by stroke; the clock runs from the time stamp of the
pointer event to the frame after the grid was filled ("names"), and to the one after the pictures of
its first seven cards were there too ("pictures"). Service and browser share the machine. A short
run: --photos 300 --rounds 1 --out /tmp/page.json.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import platform
import shlex
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.gallery import PhotoRow
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.search import Searcher
from inkseek.server.app import create_app
from inkseek.site.page import check_runtime, write_page
from inkseek.site.photos import write_gallery, write_thumbnails

RESULTS = Path(__file__).parent / "results" / "page.json"
NOISE = 0.35
"""Length of what is added to a unit embedding: near enough to be found, too far to be folded."""

ROUNDS = 4
BATCH = 1000
PATIENCE_MS = 300_000
LIMITS_MS = {"service": 60, "page and service": 80, "page alone": 80}
"""What the median of "names" is held against, by who encodes and searches."""

STOPWATCH = """() => {
  const [pad, list] = ["pad", "results"].map((id) => document.getElementById(id));
  let lifted = null;
  window.measured = [];
  pad.addEventListener("pointerup", (event) => (lifted = event.timeStamp), true);
  const afterPaint = (act) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = act;
    port2.postMessage(null);
  });
  const images = () => [...list.querySelectorAll("img")].slice(0, 7);
  new MutationObserver(() => {
    if (lifted === null || list.classList.contains("stale") || !list.children.length) return;
    const start = lifted;
    lifted = null;
    afterPaint(() => {
      const names = performance.now() - start;
      Promise.all(images().map((image) => image.decode().catch(() => null))).then(() =>
        afterPaint(() => window.measured.push({ names, pictures: performance.now() - start })));
    });
  }).observe(list, { attributes: true, childList: true, subtree: true });
}"""

DRAWINGS = """() => import(new URL("examples.js", document.baseURI)).then(({ listExamples }) => {
  const [list, drawings] = [document.createElement("ul"), []];
  listExamples(list, (strokes) => drawings.push(strokes));
  list.querySelectorAll("button").forEach((button) => button.click());
  return drawings;
})"""

# What Lighthouse is made of, by the definitions of web.dev.
VITALS = """() => new Promise((resolve) => {
  const found = { layout_shift: 0, blocking_ms: 0 };
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") found.first_contentful_paint_ms = startTime;
  });
  watch("largest-contentful-paint", ({ startTime }) => (found.largest_contentful_paint_ms = startTime));
  watch("layout-shift", ({ value, hadRecentInput }) => (found.layout_shift += hadRecentInput ? 0 : value));
  watch("longtask", ({ duration }) => (found.blocking_ms += Math.max(0, duration - 50)));
  setTimeout(() => resolve(found), 500);
})"""  # noqa: E501


def main() -> None:
    """Draw in each way, take the times and write their percentiles."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    check_runtime()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        searcher = fill(folder, options.photos)
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        load = os.getloadavg()[0]
        with serve(searcher) as service, offer(make_site(searcher, folder)) as site:
            ways = [
                measure(browser, way, site if way == "page alone" else service, options)
                for way in LIMITS_MS
            ]
        report = {
            "command": shlex.join(["python", "benchmarks/page.py", *sys.argv[1:]]),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "load_average": round(load, 1),
            "software": {"chromium": browser.version, "playwright": version("playwright")},
            "model": searcher.encoder.digest,
            "photos": options.photos,
            "ways": ways,
        }
        browser.close()
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


def fill(folder: Path, num_photos: int) -> Searcher:
    """A gallery of that many rows, whose files are the samples."""
    encoder = Encoder.load()
    samples = open_gallery(folder / "samples", encoder)
    index_folders([find_asset("samples") / "photos"], samples, encoder, workers=1)
    rows = samples.get([info.photo_id for info in samples.iter_info()])
    generator = np.random.default_rng(0)
    gallery = open_gallery(folder / "gallery", encoder)
    for start in range(0, num_photos, BATCH):
        numbers = range(start, min(start + BATCH, num_photos))
        gallery.upsert([blur(rows[i % len(rows)], i, generator) for i in numbers])
    return Searcher(gallery, encoder)


def open_gallery(folder: Path, encoder: Encoder) -> Gallery:
    """A new gallery for an encoder."""
    return Gallery.open(str(folder), model_digest=encoder.digest, dim=encoder.dim, create=True)


def blur(row: PhotoRow, number: int, generator: np.random.Generator) -> PhotoRow:
    """Another photo of the same file: an id, a key and an embedding of its own."""
    noise = generator.normal(size=len(row.embedding))
    moved = row.embedding + NOISE * noise / np.linalg.norm(noise)
    photo_id = hashlib.sha256(f"{row.photo_id} {number}".encode()).hexdigest()
    return dataclasses.replace(
        row,
        photo_id=photo_id[: len(row.photo_id)],
        embedding=(moved / np.linalg.norm(moved)).astype(np.float32),
    )


def make_site(searcher: Searcher, folder: Path) -> Callable[[str], Path]:
    """What `export_site` writes, with one thumbnail a sample: where the file of an address is."""
    site = folder / "site"
    (site / "photos").mkdir(parents=True)
    infos = list(searcher.gallery.iter_info())
    samples = list({info.path: info for info in infos}.values())
    kept = write_thumbnails(samples, site / "photos", lambda done, total: None)
    numbers = {info.path: i for i, info in enumerate(kept)}
    write_gallery(infos, searcher.gallery, searcher.encoder.card, site)
    write_page(site)
    shutil.copytree(find_asset("models/default"), site / "model")

    def locate(address: str) -> Path:
        if address.startswith("/photos/"):
            number = numbers[infos[int(Path(address).stem)].path]
            return site / "photos" / f"{number}.jpg"
        return site / (address.lstrip("/") or "index.html")

    return locate


@contextmanager
def offer(locate: Callable[[str], Path]) -> Iterator[str]:
    """Files as a plain web server offers them: its address."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return str(locate(path.partition("?")[0]))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@contextmanager
def serve(searcher: Searcher) -> Iterator[str]:
    """Run the service on a free port: its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            create_app(searcher), log_level="warning", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


def measure(browser: Browser, way: str, url: str, options: argparse.Namespace) -> dict[str, Any]:
    """A first visit with an empty cache, then strokes; milliseconds and bytes."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    sizes: list[int] = []
    context.on(
        "response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0)))
    )
    begin = time.perf_counter()
    page.goto(url)
    page.locator("#gallery", has_text=f"{options.photos:,} photos").wait_for()
    if way == "page and service":
        turn_on(page)
    ready = 1e3 * (time.perf_counter() - begin)
    vitals = page.evaluate(VITALS)
    first_visit = {"bytes": sum(sizes), "ready_ms": ready, **vitals}
    strokes = draw_all(page, options.rounds)
    context.close()
    return {
        "way": way,
        "limit_ms": LIMITS_MS[way],
        "strokes": len(strokes),
        **{
            f"{what}_ms": {
                f"p{p}": round(float(np.percentile([times[what] for times in strokes], p)), 1)
                for p in (50, 95)
            }
            for what in ("names", "pictures")
        },
        "first_visit": {name: round(value, 4) for name, value in first_visit.items()},
    }


def turn_on(page: Page) -> None:
    """Encode on this device; what is told is empty again once the network is loaded."""
    page.evaluate("document.getElementById('on-device').click()")
    page.locator("#on-device-told:empty").wait_for(state="attached")
    if not page.locator("#on-device").is_checked():
        raise SystemExit("this browser does not encode; is `make web` done?")


def draw_all(page: Page, rounds: int) -> list[dict[str, float]]:
    """Milliseconds of each stroke."""
    drawings = page.evaluate(DRAWINGS)
    page.evaluate(STOPWATCH)
    # The first round finds nothing ready: thumbnails are made, code is compiled.
    for number in range(rounds + 1):
        if number == 1:
            page.evaluate("measured.length = 0")
        for drawing in drawings:
            for stroke in drawing:
                draw_stroke(page, stroke)
            page.locator("#clear").click()
    measured: list[dict[str, float]] = page.evaluate("measured")
    return measured


def draw_stroke(page: Page, stroke: list[list[float]]) -> None:
    """Draw with the mouse, and wait until the results are painted."""
    count = page.evaluate("measured.length")
    left, top, side = page.locator("#pad").evaluate(
        "pad => (({ x, y, width }) => [x, y, width])(pad.getBoundingClientRect())"
    )
    places = [(left + side * x / 256, top + side * y / 256) for x, y in stroke[::4]]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    page.wait_for_function("count => measured.length > count", arg=count)


if __name__ == "__main__":
    main()
