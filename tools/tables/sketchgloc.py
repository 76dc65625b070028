"""What tidying brings, on test sketches whose strokes were moved."""

from typing import Any

from tables.common import interval, rule

PAIRS = {
    "displacement": "displacement",
    "rec": "Rec",
    "sketches acc@1": "own clean sketch first",
    "photos P@1": "a photo of its category first",
}


def write_tidy(report: dict[str, Any]) -> str:
    """For each strength, every figure before and after."""
    heads = [f"{name}, {when}" for name in PAIRS.values() for when in ("before", "after")]
    lines = [f"| strokes misplaced by | {' | '.join(heads)} |", rule(1 + len(heads))]
    found = {(row["sketches"], row["strength"]): row for row in report["rows"]}
    for strength in dict.fromkeys(row["strength"] for row in report["rows"]):
        pair = [found[when, strength] for when in ("displaced", "tidied")]
        cells = [interval(row[key]) for key in PAIRS for row in pair]
        lines.append(f"| {strength:.0%} | {' | '.join(cells)} |")
    return "\n".join(lines)
