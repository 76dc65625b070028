"""Accuracy against compute: fixed canvases, selectors, and the best choice there could be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def draw_frontier(report: Mapping[str, Any], path: Path) -> None:
    """Draw ``frontier.json`` of a selector's run as a PNG (Figure 5 of "Sketch Down the FLOPs").

    A selector earns its place above the line through the fixed canvases: what lies on it can be
    had by tossing a coin between two of them.

    Args:
        report: With ``canvas_sizes`` and, as ``cost`` and ``acc_at_1``, the ``fixed`` canvases, the
            ``selectors`` by the price of compute and the ``oracle``.
        path: PNG to write; its folder is made.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    fixed = report["fixed"]
    axes.plot(
        [f["cost"] for f in fixed], [f["acc_at_1"] for f in fixed], "o-", color="0.5", label="fixed"
    )
    for size, f in zip(report["canvas_sizes"], fixed, strict=True):
        axes.annotate(
            f"{size} px", (f["cost"], f["acc_at_1"]), xytext=(0, -14), ha="center",
            textcoords="offset points", fontsize=8, color="0.4",
        )  # fmt: skip
    chosen = [epoch["val"] for epoch in report["selectors"].values()]
    axes.plot(
        [f["cost"] for f in chosen], [f["acc_at_1"] for f in chosen], "s", color="C0",
        label="selectors", fillstyle="none",
    )  # fmt: skip
    oracle = report["oracle"]
    axes.plot(
        [oracle["cost"]], [oracle["acc_at_1"]], "*", color="C1", markersize=11,
        label="smallest right canvas, known beforehand",
    )  # fmt: skip
    axes.set(xlabel="GFLOPs a sketch", ylabel=f"acc@1 on {report['queries']} validation sketches")
    axes.margins(0.1)
    axes.legend(fontsize=8, loc="center right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
