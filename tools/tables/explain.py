"""Whether explanations are faithful, and where they point."""

from typing import Any

from tables.common import interval, rule


def write_faithfulness(report: dict[str, Any]) -> str:
    """The table of docs/explain.md, and for ZSE that of its own page."""
    lines: list[str] = []
    for task in report["tasks"]:
        lines += [
            *([""] if lines else []),
            f"{task['queries']} drawings ({task['data']}); {task['gallery']} photos.",
            "",
            "| strokes removed | chosen by | mean reciprocal rank |",
            rule(3),
        ]
        for row in task["rows"]:
            lines.append(f"| {row['removed']} | {row['by']} | {interval(row)} |")
    return "\n".join(lines)


def write_pointing(report: dict[str, Any]) -> str:
    """The pointing game: where explanations point."""
    area = f"{report['mean share of a photo in its box']:.3f}"
    lines = [
        f"{report['sketches']} sketches of {report['photos']} photos; the box holds {area} of a "
        "photo in the mean.",
        "",
        "| points | share inside the box | points of a sketch |",
        rule(3),
    ]
    for row in report["rows"]:
        lines.append(f"| {row['points']} | {interval(row)} | {row['points of a sketch']:.1f} |")
    return "\n".join(lines)
