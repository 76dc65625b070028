"""ZSE: every task by every method, what differs, what it costs, what was chosen."""

from typing import Any

from tables.common import interval, rule


def write_zse(report: dict[str, Any]) -> str:
    """Every task by every method, then what differs query by query."""
    found = {(f["task"], f["method"], f["metric"]): f for f in report["figures"]}
    shown = ("P@1", "mAP@all", "mAP@all VOC", "P@min(100, R)", "acc@1", "acc@10", "MRR")
    lines: list[str] = []
    for task in dict.fromkeys(f["task"] for f in report["figures"]):
        rows = [f for f in report["figures"] if f["task"] == task]
        metrics = [m for m in shown if any(f["metric"] == m for f in rows)]
        size = f"{rows[0]['queries']}, {rows[0]['gallery']:.0f}; chance {rows[0]['chance']:.3f}"
        lines += [
            *([""] if lines else []),
            f"| {task} ({size}) | {' | '.join(metrics)} |",
            rule(len(metrics) + 1),
        ]
        for method in dict.fromkeys(f["method"] for f in rows):
            cells = [interval(found[task, method, metric]) for metric in metrics]
            lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_zse_differences(report: dict[str, Any]) -> str:
    """Methods against each other, by the same queries."""
    lines = ["| difference | task | metric | mean |", rule(4)]
    for row in sorted(report["differences"], key=lambda r: r["difference"]):
        lines.append(f"| {row['difference']} | {row['task']} | {row['metric']} | {interval(row)} |")
    return "\n".join(lines)


def write_zse_transfer(report: dict[str, Any]) -> str:
    """Runs of one data set, asked for another; then what differs query by query."""
    lines = ["| trained on | asked for | method | P@1 | mAP@all |", rule(5)]
    found = {(f["recipe"], f["method"], f["metric"]): f for f in report["figures"]}
    for recipe, method in dict.fromkeys(key[:2] for key in found):
        f = found[recipe, method, "mAP@all"]
        asked = f"{f['task']} ({f['queries']}, {f['gallery']})"
        cells = [interval(found[recipe, method, metric]) for metric in ("P@1", "mAP@all")]
        lines.append(f"| {', '.join(f['trained'])} | {asked} | {method} | {' | '.join(cells)} |")
    lines += ["", "| difference | asked for | mAP@all |", rule(3)]
    for row in report["differences"]:
        lines.append(f"| {row['difference']} | {row['task']} | {interval(row)} |")
    return "\n".join(lines)


def write_zse_times(report: dict[str, Any]) -> str:
    """Milliseconds of one query's stages."""
    lines = ["| one core | ms, p50 |", rule(2)]
    lines += [f"| {name} | {ms:.2f} |" for name, ms in report["milliseconds"].items()]
    return "\n".join(lines)


def write_zse_choices(report: dict[str, Any]) -> str:
    """Validation: what re-ranking more photos brings, by scores alone and blended."""
    chosen = report["chosen"]
    kept = {0.0: "`sa` alone", chosen["weight"]: f"blend, weight {chosen['weight']}"}
    kept |= {None: "`rn` alone"}
    lines = [f"| {report['task']} | {' | '.join(kept.values())} |", rule(4)]
    found = {(r["first"], r["weight"]): r for r in report["rows"]}
    for first in dict.fromkeys(r["first"] for r in report["rows"]):
        cells = [interval(found[first, weight]) for weight in kept]
        lines.append(f"| first {first} re-ranked | {' | '.join(cells)} |")
    return "\n".join(lines)
