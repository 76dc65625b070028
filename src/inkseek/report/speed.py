"""How fast a search is on this machine, beside its targets and beside what the machine allows.

Latencies are medians (and a 99th percentile) after a warm-up. A ratio is the measured cost over
the cost at the limit of the same run, so 1.0 is as fast as this machine can be and the figure
means the same on a slow machine as on a fast one.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from jaxtyping import Float32, Float64

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery, PhotoRow
from inkseek.indexing import index_folders
from inkseek.indexing.decode import DecodeJob, decode_file
from inkseek.indexing.index import count_processors
from inkseek.raster.draw import draw_batch
from inkseek.report import limits
from inkseek.search import Searcher
from inkseek.strokes.sketch import Sketch

Item = TypeVar("Item")
Unit = Literal["ms", "s", "MiB", "1/s"]

NUM_RUNS = 200
ROWS_PER_WRITE = 20_000
CANVAS_SIZE = 64
IMPORTS = ("typer", "numpy", "numba", "onnxruntime", "PIL.Image", "lance")
"""Libraries that a search stands on: a cold start cannot be faster than their import."""

LOAD_AND_SEARCH = """
import resource, sys
from pathlib import Path
from inkseek.search import Searcher
from inkseek.strokes.readers import read_sketch
Searcher.open(sys.argv[1], model=sys.argv[2]).search(read_sketch(Path(sys.argv[3])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

LOAD_ONLY = f"""
import resource, {", ".join(IMPORTS)}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True)
class Speed:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: The figure; large is good for a rate (1/s) and bad for anything else.
        unit: Its unit.
        target: What the design asks for, or nothing where it is silent.
        limit: The same figure if only the limit counted.
        limit_name: What cannot be avoided.
    """

    name: str
    value: float
    unit: Unit
    target: float | None
    limit: float
    limit_name: str

    @property
    def ratio(self) -> float:
        """Measured cost over the cost at the limit."""
        return self.limit / self.value if self.unit == "1/s" else self.value / self.limit

    @property
    def meets_target(self) -> bool:
        """Whether the figure is as good as the design asks for."""
        if self.target is None:
            return True
        return self.value >= self.target if self.unit == "1/s" else self.value <= self.target


def draw_random_sketches(count: int, *, generator: np.random.Generator) -> list[Sketch]:
    """Sketches of eight wandering strokes of twelve points, about what a person draws."""
    steps = generator.normal(0, 8, (count, 8, 12, 2))
    starts = generator.uniform(40, 216, (count, 8, 1, 2))
    points = (starts + steps.cumsum(axis=2)).astype(np.float32)
    return [Sketch(tuple(strokes), 256.0) for strokes in points]


def time_embedding(encoder: Encoder) -> Speed:
    """One sketch to its embedding: raster and INT8 network, one at a time."""
    sketches = draw_random_sketches(NUM_RUNS, generator=np.random.default_rng(0))
    median = float(np.median(_time_each(sketches, lambda s: encoder.embed_sketches([s]))))
    limit = _encoder_limit(encoder)
    return Speed(
        "sketch to embedding, p50", 1e3 * median, "ms", 1.0, 1e3 * limit, "INT8 multiply-adds"
    )


def time_raster() -> Speed:
    """Sketches drawn a second in batches."""
    sketches = draw_random_sketches(2000, generator=np.random.default_rng(0))
    seconds = limits.best_seconds(lambda: draw_batch(sketches, CANVAS_SIZE))
    limit = limits.write_bandwidth() / CANVAS_SIZE**2
    return Speed(
        f"raster at {CANVAS_SIZE} px", len(sketches) / seconds, "1/s", 50_000, limit, "writes"
    )


def fill_gallery(url: str, encoder: Encoder, num_photos: int) -> None:
    """Write random unit rows, which no photo backs, into a real gallery."""
    generator = np.random.default_rng(1)
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    for start in range(0, num_photos, ROWS_PER_WRITE):
        count = min(ROWS_PER_WRITE, num_photos - start)
        rows = generator.standard_normal((count, encoder.dim)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        gallery.upsert(list(_make_rows(rows, start, encoder.digest)))
    gallery.optimize()
    gallery.close()


def time_queries(url: str, encoder: Encoder, num_photos: int) -> list[Speed]:
    """One query end to end in a warm process: encode, scan, fold duplicates."""
    searcher = Searcher(Gallery.open(url), encoder)
    sketches = draw_random_sketches(NUM_RUNS, generator=np.random.default_rng(2))
    seconds = _time_each(sketches, searcher.search)
    scan = 4 * encoder.dim * num_photos / limits.read_bandwidth()
    limit, limit_name = 1e3 * (_encoder_limit(encoder) + scan), "multiply-adds, reading the rows"
    middle, worst = np.quantile(seconds, [0.5, 0.99])
    name = f"query among {num_photos:,}"
    return [
        Speed(f"{name}, p50", 1e3 * float(middle), "ms", 4.0, limit, limit_name),
        Speed(f"{name}, p99", 1e3 * float(worst), "ms", None, limit, limit_name),
    ]


def time_indexing(url: str, photos: Path, encoder: Encoder) -> Speed:
    """Photos indexed a second, files to committed rows.

    The target is a share of the encoder's own rate, the limit what decoding leaves of it.
    """
    files = sorted(file for file in photos.rglob("*") if file.suffix in {".jpg", ".png", ".webp"})
    jobs = [DecodeJob(str(file), encoder.photo_size) for file in files]
    pixels = [each.photo.pixels for each in map(decode_file, jobs) if each.photo]
    alone = len(pixels) / limits.best_seconds(lambda: encoder.embed_photos(pixels))
    decoder = len(jobs) / limits.best_seconds(lambda: [decode_file(job) for job in jobs])
    limit = limits.indexing_rate(alone, decoder, count_processors())
    gallery = Gallery.open(url, model_digest=encoder.digest, dim=encoder.dim, create=True)
    start = time.perf_counter()
    index_folders([photos], gallery, encoder)
    rate = len(files) / (time.perf_counter() - start)
    gallery.close()
    parts = f"decoding at {decoder:,.0f}/s, then the encoder at {alone:,.0f}/s"
    return Speed("photos indexed", rate, "1/s", 0.8 * alone, limit, parts)


def time_cold_search(url: str, model: str, sketch: Path, name: str) -> Speed:
    """`inkseek search` from the prompt to its answer, in a fresh process."""
    command = [sys.executable, "-m", "inkseek", "search", str(sketch)]
    command += ["--gallery", url, "--model", model, "--json"]
    runs = range(5)
    seconds = _time_each(runs, lambda _: subprocess.run(command, check=True, capture_output=True))
    limit = limits.import_seconds(IMPORTS)
    median = float(np.median(seconds))
    return Speed(f"cold search, {name}", median, "s", 1.5, limit, "interpreter and imports")


def measure_memory(url: str, encoder: Encoder, model: str, sketch: Path, num_photos: int) -> Speed:
    """Peak memory of a process that opens the gallery and searches once."""
    peak = _run_for_kilobytes(LOAD_AND_SEARCH, [url, model, str(sketch)]) / 1024
    floor = _run_for_kilobytes(LOAD_ONLY, []) / 1024 + 4 * encoder.dim * num_photos / 2**20
    return Speed("memory of a search", peak, "MiB", None, floor, "imports and the rows")


def _encoder_limit(encoder: Encoder) -> float:
    """Seconds that the networks' multiply-adds take at the best rate of one core, on average."""
    sketches = draw_random_sketches(NUM_RUNS, generator=np.random.default_rng(0))
    gflops = encoder.choose(sketches).gflops.mean()
    return float(gflops) * 1e9 / 2 / limits.multiply_add_rate()


def _make_rows(
    embeddings: Float32[np.ndarray, "_count dim"], start: int, digest: str
) -> Iterator[PhotoRow]:
    for i, embedding in enumerate(embeddings, start=start):
        yield PhotoRow(
            photo_id=f"{i:032x}",
            path=f"/photos/{i // 1000}/{i}.jpg",
            embedding=embedding,
            model_digest=digest,
            width=640,
            height=480,
            taken_at=None,
            tags=(),
            near_key=(i * 0x9E3779B97F4A7C15) % 2**63,
            copies=(),
            file_size=100_000,
            modified_ns=0,
        )


def _time_each(
    items: Sequence[Item], task: Callable[[Item], object]
) -> Float64[np.ndarray, " runs"]:
    for item in items[:5]:
        task(item)
    seconds = []
    for item in items:
        start = time.perf_counter()
        task(item)
        seconds.append(time.perf_counter() - start)
    return np.array(seconds)


def _run_for_kilobytes(code: str, arguments: Sequence[str]) -> int:
    command = [sys.executable, "-c", code, *arguments]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
