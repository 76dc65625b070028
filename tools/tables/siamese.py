"""Ablations of the siamese encoder."""

from typing import Any

from tables.common import rule

SHOWN = {
    "sketchy/stand-in/P@1": "stand-ins P@1",
    "sketchy/stand-in/mAP@all": "mAP",
    "sketchy/in-category/acc@1": "Sketchy acc@1",
    "sketchy/in-category/acc@10": "acc@10",
    "shoes/acc@1": "shoes acc@1",
    "shoes/acc@10": "acc@10",
    "emoji/acc@1": "emoji acc@1",
    "emoji/acc@10": "acc@10",
}


def write_ablations(report: dict[str, Any]) -> str:
    """Every run on validation, a line a seed."""
    lines = [f"| run, seed | {' | '.join(SHOWN.values())} |", rule(1 + len(SHOWN))]
    for row in sorted(report["rows"], key=lambda r: r["seed"]):
        cells = " | ".join(f"{row['val'][f'val/{key}']:.3f}" for key in SHOWN)
        lines.append(f"| {row['name']}, {row['seed']} | {cells} |")
    return "\n".join(lines)
