"""The tables of the README: what is found, and how fast."""

from typing import Any

from tables.common import interval, rule

NAMES = {
    "sketchy/in-category": "Sketchy, the very photo, among its category",
    "sketchy/all": "Sketchy, the very photo, among all",
    "shoes": "Shoes, the very shoe",
    "shoes/+2000": "Shoes, with 2,000 distractors",
    "emoji": "Emoji, the very one",
    "sketchy/unseen": "Sketchy, the category, 22 unseen",
    "sketchy/unseen-15": "The same, the first 15 of them by name",
    "quickdraw/category": "Quick, Draw!, the category, 65",
    "quickdraw/unseen": "Quick, Draw!, the category, 13 unseen",
}

BESIDE = ("fp32", "crude", "untrained")
"""Encoders whose figures stand beside the shipped one's."""


def write_retrieval(report: dict[str, Any]) -> str:
    """The table of the README."""
    rows = {(f["task"], f["metric"], f["encoder"]): f for f in report["figures"]}
    lines = [
        f"| sought | queries, photos | metric | inkseek (INT8) | {' | '.join(BESIDE)} | chance |",
        rule(8),
    ]
    for (task, metric, encoder), f in rows.items():
        if encoder != "int8":
            continue
        size = f"{f['num_queries']}, {f['num_gallery']:.0f}"
        others = [f"{rows[task, metric, e]['interval']['mean']:.3f}" for e in BESIDE]
        lines.append(
            f"| {NAMES[task]} | {size} | {metric} | **{interval(f['interval'])}** | "
            f"{' | '.join(others)} | {f['chance']:.3f} |"
        )
    confidence = report["confidence"]
    lines.append("")
    error = f"{confidence['expected_calibration_error']:.3f}"
    lines.append(
        f"Confidence of the first hit, over {confidence['searches']} test searches of galleries of "
        f"any size, three in ten without the photo: expected calibration error {error} "
        "([reliability diagram](docs/systems/siamese.md))."
    )
    return "\n".join(lines)


def write_speed(report: dict[str, Any]) -> str:
    """The table of speed, from `inkseek bench --json`."""
    lines = [
        "| what | measured | target | limit in the same run | ratio to limit |",
        rule(5),
    ]
    for row in report["figures"]:
        unit = row["unit"]
        target = "" if row["target"] is None else f"{row['target']:g} {unit}"
        limit = f"{row['limit']:.3g} {unit} ({row['limit_name']})"
        value = f"{row['value']:.3g} {unit}"
        lines.append(f"| {row['name']} | {value} | {target} | {limit} | {row['ratio']:.2f} |")
    return "\n".join(lines)
