"""How many sketches a second does the raster kernel draw, beside pycairo and skia-python?

Run: python benchmarks/raster.py    writes benchmarks/results/raster.json. Wants pycairo and
skia-python, and Quick, Draw! under INKSEEK_DATA. All three draw the same simplified sketches with
the same pen width, margin, round caps and joins, anti-aliased, into one array. Ours starts from
`Sketch` objects; the peers get coordinates that are fitted already, as lists, and once more with
paths that are built already, which leaves them nothing but the drawing. Rounds alternate, and time
is that of one core (CPU time), so that other work on the machine counts little.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import cairo
import numpy as np
import skia
from jaxtyping import UInt8

from inkseek.raster.draw import DEFAULT_MARGIN, DEFAULT_PEN_WIDTH, draw_batch
from inkseek.strokes.geometry import fit
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("INKSEEK_DATA", ROOT.parent / "shared" / "data"))
CANVAS_SIZES = (32, 64, 128, 256)
SKETCHES_PER_CATEGORY = 3
ROUNDS = 9

Images = UInt8[np.ndarray, "batch side side"]
Lines = list[list[tuple[float, float]]]


def main() -> None:
    """Time every library at every canvas size and write the medians."""
    sketches = read_sketches()
    results = []
    for canvas_size in CANVAS_SIZES:
        drawers = prepare(sketches, canvas_size)
        images = {name: drawer() for name, drawer in drawers.items()}
        rates = measure(drawers, len(sketches))
        fastest_peer = max(rates["pycairo"], rates["skia"])
        fastest_built = max(rates["pycairo, paths built"], rates["skia, paths built"])
        ours = images["inkseek"].astype(np.float64)
        results.append(
            {
                "canvas_size": canvas_size,
                "sketches_per_second": {name: round(rate) for name, rate in rates.items()},
                "ratio_to_faster_peer": round(rates["inkseek"] / fastest_peer, 2),
                "ratio_to_faster_peer_with_paths_built": round(rates["inkseek"] / fastest_built, 2),
                "mean_difference_of_255": {
                    name: round(float(np.abs(ours - images[name]).mean()), 3)
                    for name in ("pycairo", "skia")
                },
            }
        )
        print(json.dumps(results[-1]))
    report = {
        "command": "python benchmarks/raster.py",
        "machine": describe_machine(),
        "software": {
            "python": platform.python_version(),
            "cairo": cairo.cairo_version_string(),
            **{name: version(name) for name in ("numba", "numpy", "pycairo", "skia-python")},
        },
        "sketches": len(sketches),
        "points_per_sketch": round(statistics.mean(s.num_points for s in sketches), 1),
        "pen_width": DEFAULT_PEN_WIDTH,
        "margin": DEFAULT_MARGIN,
        "rounds": ROUNDS,
        "figures": results,
    }
    path = ROOT / "benchmarks" / "results" / "raster.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def read_sketches() -> list[Sketch]:
    """The first simplified sketches of every category of Quick, Draw!."""
    sketches = []
    for path in sorted((DATA / "quickdraw" / "simplified").glob("*.ndjson")):
        with path.open(encoding="utf-8") as file:
            for line, _ in zip(file, range(SKETCHES_PER_CATEGORY), strict=False):
                strokes = json.loads(line)["drawing"]
                sketches.append(Sketch(tuple(np.float32(s).T.copy() for s in strokes), 256.0))
    return sketches


def prepare(sketches: list[Sketch], canvas_size: int) -> dict[str, Callable[[], Images]]:
    """Every way to draw the batch, as functions without arguments."""
    fitted = [fit(sketch, canvas_size, DEFAULT_MARGIN) for sketch in sketches]
    lines = [[[*map(tuple, stroke.tolist())] for stroke in sketch.strokes] for sketch in fitted]
    with_cairo, with_skia = Cairo(canvas_size), Skia(canvas_size)
    cairo_paths = [with_cairo.build(strokes) for strokes in lines]
    skia_paths = [with_skia.build(strokes) for strokes in lines]
    return {
        "inkseek": lambda: draw_batch(sketches, canvas_size),
        "pycairo": lambda: with_cairo.draw_all(map(with_cairo.trace, lines), len(lines)),
        "skia": lambda: with_skia.draw_all(map(with_skia.build, lines), len(lines)),
        "pycairo, paths built": lambda: with_cairo.draw_all(
            map(with_cairo.pen.append_path, cairo_paths), len(lines)
        ),
        "skia, paths built": lambda: with_skia.draw_all(iter(skia_paths), len(lines)),
    }


class Cairo:
    """A grey surface that pycairo draws on again and again."""

    def __init__(self, canvas_size: int) -> None:
        self.canvas_size = canvas_size
        self.surface = cairo.ImageSurface(cairo.FORMAT_A8, canvas_size, canvas_size)
        self.pen = cairo.Context(self.surface)
        self.pen.set_line_cap(cairo.LINE_CAP_ROUND)
        self.pen.set_line_join(cairo.LINE_JOIN_ROUND)
        self.pen.set_line_width(DEFAULT_PEN_WIDTH * canvas_size)
        rows = np.frombuffer(self.surface.get_data(), np.uint8)
        self.ink = rows.reshape(canvas_size, -1)[:, :canvas_size]

    def trace(self, strokes: Lines) -> None:
        """Make the strokes the current path."""
        for stroke in strokes:
            self.pen.move_to(*stroke[0])
            for point in stroke[1:] or stroke:
                self.pen.line_to(*point)

    def build(self, strokes: Lines) -> cairo.Path:
        """The strokes as a path to be drawn later."""
        self.trace(strokes)
        path = self.pen.copy_path()
        self.pen.new_path()
        return path

    def draw_all(self, traced: Iterable[None], count: int) -> Images:
        """Stroke the current path each time one is traced."""
        images = np.empty((count, self.canvas_size, self.canvas_size), np.uint8)
        for image, _ in zip(images, traced, strict=True):
            self.ink[:] = 0
            self.surface.mark_dirty()
            self.pen.stroke()
            self.surface.flush()
            np.subtract(255, self.ink, out=image)
        return images


class Skia:
    """A grey canvas over an array that skia draws on again and again."""

    def __init__(self, canvas_size: int) -> None:
        self.canvas_size = canvas_size
        self.image = np.empty((canvas_size, canvas_size), np.uint8)
        info = skia.ImageInfo.Make(
            canvas_size,
            canvas_size,
            skia.ColorType.kGray_8_ColorType,
            skia.AlphaType.kOpaque_AlphaType,
        )
        self.surface = skia.Surface.MakeRasterDirect(info, self.image, canvas_size)
        self.canvas = self.surface.getCanvas()
        self.paint = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=DEFAULT_PEN_WIDTH * canvas_size,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
            Color=skia.ColorBLACK,
        )

    def build(self, strokes: Lines) -> skia.Path:
        """The strokes as a path."""
        builder = skia.PathBuilder() if hasattr(skia, "PathBuilder") else skia.Path()
        for stroke in strokes:
            builder.moveTo(*stroke[0])
            for point in stroke[1:] or stroke:
                builder.lineTo(*point)
        return builder.detach() if hasattr(skia, "PathBuilder") else builder

    def draw_all(self, paths: Iterable[skia.Path], count: int) -> Images:
        """Draw one path an image."""
        images = np.empty((count, self.canvas_size, self.canvas_size), np.uint8)
        for image, path in zip(images, paths, strict=True):
            self.canvas.clear(skia.ColorWHITE)
            self.canvas.drawPath(path, self.paint)
            image[:] = self.image
        return images


def measure(drawers: dict[str, Callable[[], Images]], num_sketches: int) -> dict[str, float]:
    """Median sketches a second of each."""
    seconds: dict[str, list[float]] = {name: [] for name in drawers}
    for _ in range(ROUNDS):
        for name, drawer in drawers.items():
            begin = time.process_time()
            drawer()
            seconds[name].append(time.process_time() - begin)
    return {name: num_sketches / statistics.median(times) for name, times in seconds.items()}


def describe_machine() -> str:
    """Processor and number of cores."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, one used"


if __name__ == "__main__":
    main()
