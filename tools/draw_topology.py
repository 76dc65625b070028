"""Draw accuracy against the topology that is left: docs/images/topology.png.

Run: python tools/draw_topology.py    after benchmarks/photo_topology.py
"""

import json
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "photo_topology.json"
IMAGE = ROOT / "docs" / "images" / "topology.png"
NAMES = {
    "triplet": "triplet",
    "multi_task": "multi-task",
    "meta": "meta",
    "meta_unpaired": "meta, undrawn photos too",
}
MARKERS = dict(zip(NAMES, "osD^", strict=True))
METRICS = ("acc@1", "acc@10")


def main() -> None:
    """One column a data set, one row a metric."""
    report = json.loads(RESULTS.read_text(encoding="utf-8"))
    figure = Figure(figsize=(9.5, 6.0), layout="constrained")
    rows = figure.subplots(len(METRICS), len(report["untrained"]), sharex="col", squeeze=False)
    for metric, line in zip(METRICS, rows, strict=True):
        for data, axes in zip(report["untrained"], line, strict=True):
            draw_points(axes, report, data, metric)
        line[0].set_ylabel(f"test {metric}")
    for data, axes in zip(report["untrained"], rows[0], strict=True):
        start = report["untrained"][data]
        size = f"{start['queries']} queries, {start['photos']:.0f} photos each"
        axes.set_title(f"{data}: {size}", fontsize=9)
    for axes in rows[-1]:
        axes.set_xlabel("share of photo triplets still in order")
    # Emoji have no undrawn photos, so no one panel need have every method.
    shown = [axes.get_legend_handles_labels() for axes in rows[0]]
    handles = {label: handle for pair in shown for handle, label in zip(*pair, strict=True)}
    labels = [
        label for label in ("start weights (topology 1)", *NAMES.values()) if label in handles
    ]
    figure.legend(
        [handles[label] for label in labels],
        labels,
        loc="outside lower center",
        ncols=len(labels),
        frameon=False,
    )
    figure.savefig(IMAGE, dpi=130)


def draw_points(axes: Axes, report: dict[str, Any], data: str, metric: str) -> None:
    """A small mark for each seed, a large one for the mean, a line for the start weights."""
    start = report["untrained"][data][metric]
    axes.axhline(start, color="0.3", linestyle=":", label="start weights (topology 1)")
    for index, name in enumerate(NAMES):
        seeds = [r for r in report["rows"] if (r["set"], r["name"]) == (data, name)]
        points = [(r["test"]["topology"], r["test"][metric]) for r in seeds]
        if not points:
            continue
        style = {"marker": MARKERS[name], "color": f"C{index}", "linestyle": ""}
        across, up = zip(*points, strict=True)
        axes.plot(across, up, markersize=4, alpha=0.5, **style)
        mean = (sum(across) / len(across), sum(up) / len(up))
        axes.plot(*mean, markersize=9, label=NAMES[name], **style)
    axes.set_ylim(bottom=0)
    axes.grid(color="0.92")


if __name__ == "__main__":
    main()
