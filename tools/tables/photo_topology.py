"""Photo topology: methods, what they keep, how they differ, choices, students."""

from collections.abc import Sequence
from typing import Any

from tables.common import interval, rule

NAMES = {"multi_task": "multi-task", "meta_unpaired": "meta, undrawn photos too"}


def write_methods(report: dict[str, Any]) -> str:
    """Every method on every set: means over seeds, and how far these differ."""
    return _write_summary(report, short=False)


def write_choices(report: dict[str, Any]) -> str:
    """The same for the short runs; nothing before any was made."""
    return _write_summary(report, short=True)


def _write_summary(report: dict[str, Any], *, short: bool) -> str:
    lines: list[str] = []
    for data, start in report["untrained"].items():
        rows = [r for r in report["summary"] if r["set"] == data]
        rows = [r for r in rows if ("steps" in r["name"]) == short]
        if not rows:
            continue
        size = f"{start['queries']} queries, {start['photos']:.0f} photos each"
        chance = " | | ".join(f"{k / start['photos']:.3f}" for k in (1, 10))
        cosine = " / ".join(f"{start[f'acc@{k} by cosine']:.3f}" for k in (1, 10))
        lines += [
            *([""] if lines else []),
            f"| {data}: {size} | acc@1 | runs | acc@10 | runs | topology | runs | by cosine |",
            rule(8),
            f"| chance | {chance} | | 0.500 | | |",
            f"| start weights | {start['acc@1']:.3f} | | {start['acc@10']:.3f} | | "
            f"{start['topology']:.3f} | | {cosine} |",
        ]
        for row in rows:
            found = row["figures"]
            cells = [interval(found[k]["interval"]) for k in ("acc@1", "acc@10")]
            cells.append(f"{found['topology']['mean']:.3f}")
            spreads = [_spread(found[k]) for k in ("acc@1", "acc@10", "topology")]
            cosine = " / ".join(f"{found[f'acc@{k} by cosine']['mean']:.3f}" for k in (1, 10))
            name = f"{NAMES.get(row['name'], row['name'])} ({len(row['seeds'])})"
            mixed = [text for pair in zip(cells, spreads, strict=True) for text in pair]
            lines.append(f"| {name} | {' | '.join(mixed)} | {cosine} |")
    return "\n".join(lines)


def write_validation(report: dict[str, Any]) -> str:
    """What the runs themselves note of the shoes: the lowest to the highest seed of each method."""
    rows = [r for r in report["rows"] if r["set"] == "shoes" and "steps" not in r["name"]]
    metrics = sorted(rows[0]["val"])
    before = " | ".join(f"{rows[0]['before'][k]:.3f}" for k in metrics)
    lines = [
        f"| shoes | {' | '.join(f'`{k}`' for k in metrics)} |",
        rule(len(metrics) + 1),
        f"| start weights | {before} |",
    ]
    for name in dict.fromkeys(r["name"] for r in rows):
        found = [r["val"] for r in rows if r["name"] == name]
        cells = []
        for k in metrics:
            values = [val[k] for val in found]
            mean = sum(values) / len(values)
            cells.append(f"{mean:.3f} ({min(values):.3f} to {max(values):.3f})")
        lines.append(f"| {NAMES.get(name, name)} ({len(found)}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_differences(report: dict[str, Any]) -> str:
    """Methods against each other, by the same queries and seeds."""
    lines = ["| set | difference | acc@1 | acc@10 | topology, by seed |", rule(5)]
    for row in report["differences"]:
        name = " - ".join(NAMES.get(row[side], row[side]) for side in ("name", "minus"))
        cells = [interval(row[f"acc@{k}"]) for k in (1, 10)]
        kept = ", ".join(f"{value:+.3f}" for value in row["topology"])
        lines.append(f"| {row['set']} | {name} | {' | '.join(cells)} | {kept} |")
    return "\n".join(lines)


def write_students(report: dict[str, Any]) -> str:
    """Students of runs of the shoes, on validation; nothing before any was trained."""
    if not report["students"]:
        return ""
    metrics = {k: v for k, v in report["students"][0]["val"].items() if "/shoes/acc" in k}
    lines = [
        f"| teacher, seed | {' | '.join(k.removeprefix('val/') for k in metrics)} |",
        rule(len(metrics) + 1),
    ]
    for teacher in dict.fromkeys(r["teacher"] for r in report["students"]):
        rows = [r for r in report["students"] if r["teacher"] == teacher]
        for row in rows:
            cells = " | ".join(f"{row['val'][k]:.3f}" for k in metrics)
            lines.append(f"| {teacher}, {row['seed']} | {cells} |")
        means = [sum(r["val"][k] for r in rows) / len(rows) for k in metrics]
        lines.append(f"| **{teacher}, mean** | {' | '.join(f'**{m:.3f}**' for m in means)} |")
    return "\n".join(lines)


def write_selectors(report: dict[str, Any]) -> str:
    """The canvas selector (V2) of each student beside its largest canvas, on validation."""
    rows = [row for row in report["students"] if row["selector"]]
    if not rows:
        return ""
    heads = ("largest canvas", "selector")
    columns = " | ".join(f"{head}: acc@1 | GFLOPs" for head in heads)
    lines = [
        f"| teacher, seed | {columns} | share of 32 px |",
        rule(2 * len(heads) + 2),
    ]
    for teacher in dict.fromkeys(row["teacher"] for row in rows):
        found = [row for row in rows if row["teacher"] == teacher]
        table = [_selector_cells(row["selector"], heads) for row in found]
        lines += [
            f"| {teacher}, {row['seed']} | {' | '.join(f'{v:.3f}' for v in cells)} |"
            for row, cells in zip(found, table, strict=True)
        ]
        means = [sum(column) / len(column) for column in zip(*table, strict=True)]
        lines.append(f"| **{teacher}, mean** | {' | '.join(f'**{m:.3f}**' for m in means)} |")
    return "\n".join(lines)


def _selector_cells(selector: dict[str, Any], heads: Sequence[str]) -> list[float]:
    pairs = [selector[head][figure] for head in heads for figure in ("acc_at_1", "cost")]
    return [*pairs, selector["selector"]["shares"][0]]


def _spread(figure: dict[str, float]) -> str:
    deviation = figure["deviation"]
    spread = "" if deviation is None else f" (s {deviation:.3f})"
    return f"{figure['lowest']:.3f} to {figure['highest']:.3f}{spread}"
