"""A reliability diagram: what confidence was stated, and how often it was right."""

from collections.abc import Sequence
from pathlib import Path

from inkseek.metrics.uncertainty import ReliabilityBin


def draw_reliability(bins: Sequence[ReliabilityBin], error: float, path: Path) -> None:
    """Draw the bins as a PNG; the diagonal is perfect calibration.

    Args:
        bins: From `metrics.uncertainty.reliability_bins`.
        error: Expected calibration error, for the title.
        path: PNG to write; its folder is made.
    """
    from matplotlib.figure import Figure

    filled = [b for b in bins if b.count]
    figure = Figure(figsize=(4.2, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([b.confidence for b in filled], [b.accuracy for b in filled], "o-", color="C0")
    for b in filled:
        axes.annotate(
            str(b.count), (b.confidence, b.accuracy), xytext=(4, -10),
            textcoords="offset points", fontsize=7, color="0.4",
        )  # fmt: skip
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="stated confidence of the first hit",
        ylabel="share that was the photo drawn",
        title=f"Expected calibration error {error:.3f}",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
