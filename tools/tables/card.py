"""The figures on the card of the model that ships."""

from pathlib import Path
from typing import Any

from inkseek.card import Measurement, read_card, write_card

PRECISIONS = ("fp32", "int8")
"""Encoders that are the shipped model, and whose figures its card holds."""


def write_card_figures(report: dict[str, Any], folder: Path) -> None:
    """The same figures into the card of the model they were measured on."""
    card = read_card(folder)
    if report["model"] != card.digest:
        raise SystemExit("these results are of another model; run benchmarks/retrieval.py again")
    figures = tuple(
        Measurement(
            task=f["task"],
            metric=f["metric"],
            precision=f["encoder"],
            value=round(f["interval"]["mean"], 4),
            low=round(f["interval"]["low"], 4),
            high=round(f["interval"]["high"], 4),
            queries=f["num_queries"],
            gallery=f["num_gallery"],
        )
        for f in report["figures"]
        if f["encoder"] in PRECISIONS
    )
    write_card(card.model_copy(update={"measurements": figures}), folder)
