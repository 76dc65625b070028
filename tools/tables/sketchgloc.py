"""What tidying and drawing anew bring, on test sketches whose strokes were moved."""

from typing import Any

from tables.common import interval, rule

PAIRS = {
    "displacement": "displacement",
    "rec": "Rec",
    "sketches acc@1": "own clean sketch first",
    "photos P@1": "a photo of its category first",
}

SHOWN = {
    (0.0, "rec"): "Rec, synthesis",
    (0.1, "rec"): "Rec, 10 %",
    (0.3, "rec"): "Rec, 30 %",
    (0.0, "ret@1"): "Ret@1, synthesis",
    (0.1, "ret@1"): "Ret@1, 10 %",
    (0.3, "ret@1"): "Ret@1, 30 %",
    (0.3, "ret@10"): "Ret@10, 30 %",
    (0.3, "ret@50"): "Ret@50, 30 %",
}
"""Of the table of all models; the report has the rest."""


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


def write_emoji(report: dict[str, Any]) -> str:
    """Drawings of categories that the model does not know."""
    rows = report["emoji"]
    metrics = [key for key in rows[0] if key.startswith("acc@")]
    lines = [f"| {rows[0][metrics[0]]['queries']} drawings | {' | '.join(metrics)} |", rule(3)]
    for row in rows:
        lines.append(f"| {row['sketches']} | {' | '.join(interval(row[k]) for k in metrics)} |")
    return "\n".join(lines)


def write_redrawn(report: dict[str, Any]) -> str:
    """One model, drawn anew from sketches in order and out of it."""
    metrics = {
        "rec": "Rec",
        "rec minus input": "Rec, less its input",
        "ret@1": "Ret@1",
        "ret@10": "Ret@10",
        "ret@50": "Ret@50",
    }
    lines = [f"| | {' | '.join(metrics.values())} |", rule(1 + len(metrics))]
    (model,) = (row for row in report["rows"] if "steps" in row)
    for cell in model["cells"]:
        task = f"reorganisation, {cell['strength']:.0%}" if cell["strength"] else "synthesis (0 %)"
        lines.append(f"| {task} | {' | '.join(interval(cell[key]) for key in metrics)} |")
    for row in report["rows"][:2]:
        for cell in row["cells"]:
            name = f"{row['model']}, {cell['strength']:.0%}" if cell["strength"] else row["model"]
            lines.append(f"| {name} | {interval(cell['rec'])} |{' |' * (len(metrics) - 1)}")
    return "\n".join(lines)


def write_models(report: dict[str, Any]) -> str:
    """A row a model; in brackets the 95 % interval."""
    lines = [f"| | steps | parameters | {' | '.join(SHOWN.values())} |", rule(3 + len(SHOWN))]
    for row in report["rows"]:
        found = {cell["strength"]: cell for cell in row["cells"]}
        cells = [
            interval(found[strength][metric]) if metric in found.get(strength, {}) else ""
            for strength, metric in SHOWN
        ]
        size = f"{row['parameters']:,}" if "parameters" in row else ""
        lines.append(
            f"| {_short(row['model'])} | {row.get('steps', '')} | {size} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def write_model_differences(report: dict[str, Any]) -> str:
    """Every model less the first, sketch by sketch."""
    trained = [row for row in report["rows"] if "steps" in row]
    first = _short(trained[0]["model"])
    lines = [f"| less {first} | {' | '.join(SHOWN.values())} |", rule(1 + len(SHOWN))]
    for row in trained[1:]:
        found = {cell["strength"]: cell["minus first"] for cell in row["cells"]}
        cells = [interval(found[strength][metric]) for strength, metric in SHOWN]
        lines.append(f"| {_short(row['model'])} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_suggest(report: dict[str, Any]) -> str:
    """Suggestions beside mere variations, of whole and of half drawings."""
    lines = ["| drawing | shown | recognised | any of the four |", rule(4)]
    for row in report["rows"]:
        cells = [interval(row[key]) for key in ("recognised", "any recognised")]
        lines.append(f"| {row['given']} | {row['way']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _short(model: str) -> str:
    return model.removeprefix("sketchgloc-").replace("-", ", ")
