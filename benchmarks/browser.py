"""How fast is the encoder in the browser, on which canvas, and which network is better there?

Run: make web, then python benchmarks/browser.py    writes benchmarks/results/browser.json. Wants
Chromium and playwright. One tab embeds random drawings with each network of the model on each of
its canvases; a model with a selector also chooses. Times are wall-clock, so a busy machine shows:
the load average is written beside them. What a person waits for is in benchmarks/page.py. A short
run: --drawings 4 --out /tmp/browser.json.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from playwright.sync_api import Browser, sync_playwright

from inkseek.card import ModelCard, read_card, write_card
from inkseek.encoder import FILES, SELECTOR, Encoder, Precision
from inkseek.report.speed import draw_random_sketches
from inkseek.site.page import SERVICE, check_runtime, write_page
from inkseek.strokes.sketch import Sketch

RESULTS = Path(__file__).parent / "results" / "browser.json"
NUM_WARM = 3
CHOSEN = "chosen"
PARTS = ("select", "raster", "network", "total")

EMBED = """async ([drawings, card, model]) => {
    const { DeviceEncoder } = await import(new URL("encoder.js", document.baseURI));
    const begin = performance.now();
    const encoder = await DeviceEncoder.load({ card, model });
    const found = { load: performance.now() - begin, rows: [], sizes: [] };
    const parts = { select: [], raster: [], network: [], total: [] };
    for (const strokes of drawings) {
        const start = performance.now();
        const { embedding, canvasSize, milliseconds } = await encoder.embed(strokes);
        const times = { ...milliseconds, total: performance.now() - start };
        for (const part of Object.keys(parts)) parts[part].push(times[part]);
        found.rows.push([...embedding]);
        found.sizes.push(canvasSize);
    }
    encoder.close();
    return { ...found, ...parts };
}"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--drawings", type=int, default=200)
    parser.add_argument("--model", default="default")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    check_runtime()
    natives: dict[Precision, Encoder] = {
        precision: Encoder.load(options.model, precision=precision) for precision in FILES
    }
    sketches = draw_random_sketches(NUM_WARM + options.drawings, generator=np.random.default_rng(0))
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        ways = lay_out(natives["fp32"], Path(folder))
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        load = os.getloadavg()[0]
        with serve(Path(folder)) as address:
            rows = [
                measure(browser, f"{address}{way}/", precision, sketches, natives)
                for precision in FILES
                for way in ways
            ]
        report = {
            "command": shlex.join(["python", "benchmarks/browser.py", *sys.argv[1:]]),
            "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
            "load_average": round(load, 1),
            "software": {
                "chromium": browser.version,
                "runtime": (SERVICE / "vendor" / "version.txt").read_text().strip(),
                **{name: version(name) for name in ("onnxruntime", "playwright")},
            },
            "model": natives["fp32"].digest,
            "drawings": options.drawings,
            "rows": rows,
        }
        browser.close()
    text = json.dumps(report, indent=1)
    print(text)
    options.out.write_text(text + "\n", encoding="utf-8")


def lay_out(encoder: Encoder, folder: Path) -> list[str]:
    """The page beside a model for each canvas that always takes it; one that chooses if it can."""
    if encoder.folder is None:
        raise SystemExit("the model is not a folder")
    write_page(folder)
    card = read_card(encoder.folder)
    cards: dict[str, ModelCard] = {
        str(size): card.model_copy(update={"canvas_sizes": (size,), "selector": None})
        for size in sorted(card.canvas_sizes)
    }
    if card.selector:
        cards[CHOSEN] = card
    for way, its_card in cards.items():
        (folder / way).mkdir()
        write_card(its_card, folder / way)
        for name in (*FILES.values(), *([SELECTOR] if its_card.selector else [])):
            (folder / way / name).symlink_to(encoder.folder.resolve() / name)
    return list(cards)


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Offer a folder as a plain web server does: its address."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def measure(
    browser: Browser,
    model: str,
    precision: Precision,
    sketches: Sequence[Sketch],
    natives: dict[Precision, Encoder],
) -> dict[str, Any]:
    """Sketch to embedding in the page, and how far it is from the native networks."""
    drawings = [[stroke.tolist() for stroke in sketch.strokes] for sketch in sketches]
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(f"{model}../icon.svg")
    files = [f"{model}card.json", f"{model}{FILES[precision]}"]
    answer = page.evaluate(EMBED, [drawings, *files])
    context.close()
    folder = natives[precision].folder
    way = model.rstrip("/").rpartition("/")[2]
    return {
        "network": precision,
        "bytes": (folder / FILES[precision]).stat().st_size if folder else 0,
        "canvas": way,
        "load_ms": round(answer["load"]),
        "least_cosine_to_native": {
            native: least_cosine(encoder, sketches, answer) for native, encoder in natives.items()
        },
        **{f"{part}_ms": summarise(answer[part][NUM_WARM:]) for part in PARTS},
    }


def least_cosine(encoder: Encoder, sketches: Sequence[Sketch], answer: dict[str, Any]) -> float:
    """To the native embeddings of the same canvases."""
    rows = np.array(answer["rows"])
    sizes = np.array(answer["sizes"])
    least = 1.0
    for size in np.unique(sizes).tolist():
        chosen = np.flatnonzero(sizes == size).tolist()
        ours = encoder.embed_drawn([sketches[i] for i in chosen], size)
        least = min(least, float(np.sum(rows[chosen] * ours, axis=1).min()))
    return round(least, 7)


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
