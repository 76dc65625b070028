"""How long is it from the pen's lift to painted results, with 10,000 photos?

Run: python benchmarks/page.py [--photos 10000]    writes benchmarks/results/page.json. Wants
Chromium and playwright. The gallery is the sample pictures many times over, each row with noise of
its own in the embedding, so that no two fold into one. A mouse draws the examples of the start page
stroke by stroke; the clock runs from the time stamp of the pointer event to the frame after the
grid was filled ("names"), and to the one after the pictures of its first seven cards were there too
("pictures"). Service and browser share the machine.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import platform
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import uvicorn
from playwright.sync_api import Page, sync_playwright

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.gallery import PhotoRow
from inkseek.gallery.store import Gallery
from inkseek.indexing import index_folders
from inkseek.search import Searcher
from inkseek.server.app import create_app

ROOT = Path(__file__).parents[1]
NOISE = 0.35
"""Length of what is added to a unit embedding: near enough to be found, too far to be folded."""

ROUNDS = 4
BATCH = 1000

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

DRAWINGS = """() => import("/examples.js").then(({ listExamples }) => {
  const [list, drawings] = [document.createElement("ul"), []];
  listExamples(list, (strokes) => drawings.push(strokes));
  list.querySelectorAll("button").forEach((button) => button.click());
  return drawings;
})"""


def main() -> None:
    """Draw, take the times and write their percentiles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=10_000)
    num_photos = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as folder, serve(fill(Path(folder), num_photos)) as url:
        measured, browser = draw_all(url)
    report = {
        "command": f"python benchmarks/page.py --photos {num_photos}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 1),
        "software": {"chromium": browser, "playwright": version("playwright")},
        "photos": num_photos,
        "strokes": len(measured),
        "milliseconds": {
            what: {
                f"p{p}": round(float(np.percentile([times[what] for times in measured], p)), 1)
                for p in (50, 95)
            }
            for what in ("names", "pictures")
        },
    }
    path = ROOT / "benchmarks" / "results" / "page.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
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


@contextmanager
def serve(searcher: Searcher) -> Iterator[str]:
    """Run the service on a free port: its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(searcher), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.force_exit = server.should_exit = True
        thread.join()


def draw_all(url: str) -> tuple[list[dict[str, float]], str]:
    """Milliseconds of each stroke, and the version of the browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        drawings = page.evaluate(DRAWINGS)
        page.evaluate(STOPWATCH)
        # The first round finds nothing ready: thumbnails are made, code is compiled.
        for round_number in range(ROUNDS + 1):
            if round_number == 1:
                page.evaluate("measured.length = 0")
            for drawing in drawings:
                for stroke in drawing:
                    draw_stroke(page, stroke)
                page.locator("#clear").click()
        measured = page.evaluate("measured")
        found = browser.version
        browser.close()
    return measured, found


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
