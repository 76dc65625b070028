"""Fifty people draw at once: does the service answer them all, how late, and does it grow?

Run: python benchmarks/load.py    writes benchmarks/results/load.json. Starts `inkseek serve` as a
process of its own, over a gallery of random embeddings or one of yours (`--gallery`), and lets each
drawer send a search after every stroke of a drawing, a stroke every `--pause` seconds as live
results ask for them. A warm-up comes first; then errors, the wait for an answer and the memory of
the service, at the start, in the middle and at the end, are measured. One machine does both sides,
so the drawers take some of the time that they measure. A short run: --photos 300 --drawers 4
--seconds 2 --warm-up 1 --out /tmp/load.json.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np

from inkseek.encoder import Encoder
from inkseek.report.speed import fill_gallery

RESULTS = Path(__file__).parent / "results" / "load.json"
START_SECONDS = 120.0
LOOKS = 2


@dataclass
class Outcome:
    """What the drawers met; memory in MiB, of the service, every `LOOKS`th part of the time."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def make_strokes(generator: np.random.Generator) -> list[list[list[float]]]:
    """A drawing of two to eight wandering strokes on a canvas of 100."""
    strokes = []
    for _ in range(generator.integers(2, 9)):
        steps = generator.normal(0, 4, (generator.integers(8, 40), 2))
        points = np.clip(generator.uniform(10, 90, 2) + steps.cumsum(axis=0), 0, 100)
        strokes.append(points.round(2).tolist())
    return strokes


async def draw_until(
    end: float, client: httpx2.AsyncClient, seed: int, pause: float, outcome: Outcome
) -> None:
    """One drawer: a search after every stroke, drawing after drawing."""
    generator = np.random.default_rng(seed)
    await asyncio.sleep(generator.uniform(0, pause))
    while time.monotonic() < end:
        strokes = make_strokes(generator)
        for count in range(1, len(strokes) + 1):
            if time.monotonic() >= end:
                return
            body = {"sketch": {"canvas_size": 100, "strokes": strokes[:count]}, "k": 40}
            begin = time.perf_counter()
            try:
                response = await client.post("/api/search", json=body)
                if response.status_code != 200 or "hits" not in response.json():
                    outcome.errors.append(f"status {response.status_code}")
            except httpx2.HTTPError as error:
                outcome.errors.append(type(error).__name__)
            outcome.seconds.append(time.perf_counter() - begin)
            await asyncio.sleep(pause)


async def run_drawers(url: str, drawers: int, seconds: float, pause: float) -> Outcome:
    """All of them, for that long, and a look at the memory now and then."""
    outcome = Outcome()
    most = drawers + 1
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        end = time.monotonic() + seconds
        await asyncio.gather(
            watch_memory(client, seconds, outcome),
            *(draw_until(end, client, seed, pause, outcome) for seed in range(drawers)),
        )
    return outcome


async def watch_memory(client: httpx2.AsyncClient, seconds: float, outcome: Outcome) -> None:
    """Resident memory of the service, by its own metrics."""
    for look in range(LOOKS + 1):
        if look:
            await asyncio.sleep(seconds / LOOKS)
        text = (await client.get("/metrics")).text
        found = re.search(r"^process_resident_memory_bytes (\S+)$", text, re.MULTILINE)
        if found is None:
            raise SystemExit("the service tells no memory; is this Linux?")
        outcome.memory.append(float(found[1]) / 2**20)


def wait_until_ready(url: str) -> None:
    """Until a search would be answered without delay."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            if httpx2.get(f"{url}/api/ready", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{url} is not ready after {START_SECONDS:.0f} s")


def measure(url: str, options: argparse.Namespace) -> dict[str, object]:
    """Warm up, then let everybody draw."""
    wait_until_ready(url)
    asyncio.run(run_drawers(url, options.drawers, options.warm_up, options.pause))
    load = os.getloadavg()[0]
    begin = time.perf_counter()
    outcome = asyncio.run(run_drawers(url, options.drawers, options.seconds, options.pause))
    elapsed = time.perf_counter() - begin
    milliseconds = 1e3 * np.array(outcome.seconds)
    return {
        "command": shlex.join(["python", "benchmarks/load.py", *sys.argv[1:]]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(load, 1),
        "drawers": options.drawers,
        "seconds": options.seconds,
        "pause_seconds": options.pause,
        "photos": httpx2.get(f"{url}/api/health", timeout=60).json()["photos"],
        "requests": len(milliseconds),
        "requests_per_second": round(len(milliseconds) / elapsed, 1),
        "errors": len(outcome.errors),
        "kinds_of_errors": sorted(set(outcome.errors)),
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 1),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 1),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 1),
        "max_ms": round(float(milliseconds.max()), 1),
        "memory_mib": {
            when: round(mib, 1)
            for when, mib in zip(("start", "middle", "end"), outcome.memory, strict=True)
        },
    }


def main() -> None:
    """Serve, measure, write the results, print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gallery", help="Folder of an indexed gallery; a made one by default.")
    parser.add_argument("--photos", type=int, default=10_000, help="Of the made one.")
    parser.add_argument("--model", default="default")
    parser.add_argument("--drawers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=5.0, help="Seconds.")
    parser.add_argument("--pause", type=float, default=1.0, help="Seconds between two strokes.")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not options.gallery:
            options.gallery = f"{folder}/gallery"
            fill_gallery(options.gallery, Encoder.load(options.model), options.photos)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "inkseek", "serve", "--no-open", "--port", str(port)]
        command += ["--gallery", options.gallery, "--model", options.model]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            result = measure(f"http://127.0.0.1:{port}", options)
        finally:
            server.terminate()
            server.wait(30)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
