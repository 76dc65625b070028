"""How fast is the encoder in the browser, what does a first visit load, which network is better?

Run: make web, then python benchmarks/browser.py    writes benchmarks/results/browser.json. Wants
Chromium and playwright. A site of random embeddings is served from this computer over plain http;
one tab draws. Times are wall-clock, so a busy machine shows: the load average is written beside
them. `--drawings` makes a shorter run.
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from inkseek.assets import find_asset
from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery
from inkseek.report.speed import draw_random_sketches, fill_gallery
from inkseek.site.page import write_page
from inkseek.site.photos import write_gallery

ROOT = Path(__file__).parents[1]
NUM_PHOTOS = 10_000
NUM_WARM = 3
NETWORKS = {"fp32": "student.onnx", "int8": "student.int8.onnx"}

EMBED = """async ([drawings, model]) => {
    const { DeviceEncoder } = await import(new URL("encoder.js", document.baseURI));
    const begin = performance.now();
    const encoder = await DeviceEncoder.load({ card: "model/card.json", model });
    const load = performance.now() - begin;
    const [rows, raster, network, total] = [[], [], [], []];
    for (const strokes of drawings) {
        const start = performance.now();
        const { embedding, milliseconds } = await encoder.embed(strokes);
        total.push(performance.now() - start);
        raster.push(milliseconds.raster);
        network.push(milliseconds.network);
        rows.push([...embedding]);
    }
    encoder.close();
    return { load, rows, raster, network, total };
}"""

# From the moment the pen is lifted to the frame after the grid has changed.
WATCH = """() => {
    window.painted = [];
    let lifted = 0;
    addEventListener("pointerup", () => (lifted = performance.now()), true);
    new MutationObserver(() => {
        if (!lifted) return;
        const since = lifted;
        lifted = 0;
        requestAnimationFrame(() => setTimeout(() => painted.push(performance.now() - since)));
    }).observe(document.getElementById("results"), {
        subtree: true, childList: true, characterData: true,
    });
}"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--drawings", type=int, default=200)
    num_drawings = parser.parse_args().drawings
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, serve(make_site(Path(folder))) as address:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            load = os.getloadavg()[0]
            report = {
                "command": "python benchmarks/browser.py",
                "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
                "load_average": round(load, 1),
                "software": {
                    "chromium": browser.version,
                    "runtime": (ROOT / "src/inkseek/server/static/vendor/version.txt")
                    .read_text()
                    .strip(),
                    **{name: version(name) for name in ("onnxruntime", "playwright")},
                },
                "drawings": num_drawings,
                "photos": NUM_PHOTOS,
                "networks": [
                    measure_network(browser, address, precision, num_drawings)
                    for precision in NETWORKS
                ],
                "first_visit": measure_first_visit(browser, address),
                "pen_up_to_painted_ms": measure_painting(browser, address, num_drawings // 4),
            }
            browser.close()
    text = json.dumps(report, indent=1)
    print(text)
    path = ROOT / "benchmarks" / "results" / "browser.json"
    path.write_text(text + "\n", encoding="utf-8")


def make_site(folder: Path) -> Path:
    """A site of random embeddings; every photo is the same grey picture."""
    encoder = Encoder.load("default", precision="fp32")
    fill_gallery(str(folder / "gallery"), encoder, NUM_PHOTOS)
    gallery = Gallery.open(str(folder / "gallery"))
    site = folder / "site"
    site.mkdir()
    write_gallery(list(gallery.iter_info()), gallery, encoder.card, site)
    write_page(site)
    shutil.copytree(find_asset("models/default"), site / "model")
    Image.new("RGB", (360, 270), "grey").save(site / "photo.jpg")
    return site


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Offer a folder as a plain web server does: its address."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            found: str = super().translate_path(path)
            return str(folder / "photo.jpg") if "/photos/" in path else found

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def measure_network(
    browser: Browser, address: str, precision: str, num_drawings: int
) -> dict[str, Any]:
    """Sketch to embedding in the page, and how far it is from the native networks."""
    name = NETWORKS[precision]
    sketches = draw_random_sketches(NUM_WARM + num_drawings, generator=np.random.default_rng(0))
    drawings = [[stroke.tolist() for stroke in sketch.strokes] for sketch in sketches]
    with open_page(browser, f"{address}icon.svg") as page:
        answer = page.evaluate(EMBED, [drawings, f"model/{name}"])
    rows = np.array(answer["rows"])
    cosines = {}
    for native in NETWORKS:
        encoder = Encoder.load("default", precision="fp32" if native == "fp32" else "int8")
        ours = encoder.embed_drawn(sketches, encoder.canvas_size)
        cosines[native] = round(float(np.min(np.sum(rows * ours, axis=1))), 7)
    return {
        "network": precision,
        "bytes": (find_asset("models/default") / name).stat().st_size,
        "load_ms": round(answer["load"]),
        "least_cosine_to_native": cosines,
        **{
            f"{part}_ms": summarise(answer[part][NUM_WARM:])
            for part in ("raster", "network", "total")
        },
    }


def measure_first_visit(browser: Browser, address: str) -> dict[str, float]:
    """With an empty cache: bytes of all answers, and time until a drawing can be answered."""
    with open_page(browser) as page:
        sizes: list[int] = []
        page.context.on(
            "response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0)))
        )
        begin = time.perf_counter()
        page.goto(address)
        page.get_by_text(f"{NUM_PHOTOS:,} photos").wait_for()
        return {"bytes": sum(sizes), "ready_ms": round(1e3 * (time.perf_counter() - begin))}


def measure_painting(browser: Browser, address: str, num_strokes: int) -> dict[str, float]:
    """Strokes by mouse on one drawing after another: pen up to the frame with the new hits."""
    generator = np.random.default_rng(1)
    with open_page(browser, address) as page:
        page.get_by_text(f"{NUM_PHOTOS:,} photos").wait_for()
        page.evaluate(WATCH)
        box = page.evaluate("document.getElementById('pad').getBoundingClientRect().toJSON()")
        for count in range(1, NUM_WARM + num_strokes + 1):
            for i, (x, y) in enumerate(generator.uniform(0.1, 0.9, (4, 2))):
                page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
                if i == 0:
                    page.mouse.down()
            page.mouse.up()
            page.wait_for_function("count => painted.length >= count", arg=count)
        return summarise(page.evaluate("painted")[NUM_WARM:])


@contextmanager
def open_page(browser: Browser, url: str = "about:blank") -> Iterator[Page]:
    """A page with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(url)
    yield page
    context.close()


def summarise(milliseconds: Sequence[float]) -> dict[str, float]:
    """Least, median and 95th percentile."""
    values: Float64[np.ndarray, " runs"] = np.array(milliseconds, dtype=np.float64)
    middle, high = np.quantile(values, [0.5, 0.95])
    return {
        "least": round(float(values.min()), 2),
        "p50": round(float(middle), 2),
        "p95": round(float(high), 2),
    }


if __name__ == "__main__":
    main()
