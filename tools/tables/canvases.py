"""What a canvas costs: the counterparts of Figure 2 and Table 5 of "Sketch Down the FLOPs"."""

from typing import Any

from tables.common import interval, rule


def write_queries(report: dict[str, Any]) -> str:
    """Sketches and photos that ask on each canvas, and what of the largest is still right."""
    sizes = report["canvas_sizes"]
    lines = [f"| task | asks | {' | '.join(f'{s} px' for s in sizes)} |", rule(2 + len(sizes))]
    found = {(r["task"], r["asks"], r["canvas"]): r for r in report["queries"]}
    for task in dict.fromkeys(r["task"] for r in report["queries"]):
        for asks in ("sketch", "photo"):
            cells = [interval(found[task, asks, size]["acc@1"]) for size in sizes]
            lines.append(f"| {task} | {asks}: acc@1 | {' | '.join(cells)} |")
            kept = [f"{found[task, asks, size]['kept']['mean']:.2f}" for size in sizes]
            lines.append(
                f"| {task} | {asks}: share kept of what is right at {sizes[-1]} px | "
                f"{' | '.join(kept)} |"
            )
    return "\n".join(lines)


def write_categories(report: dict[str, Any]) -> str:
    """Category retrieval by the teacher and the student."""
    rows = report["category"]
    found = {(r["name"], r["task"], r["metric"]): r for r in rows}
    columns = list(dict.fromkeys((r["task"], r["metric"]) for r in rows))
    lines = ["| | " + " | ".join(f"{t} {m}" for t, m in columns) + " |", rule(1 + len(columns))]
    for name in dict.fromkeys(r["name"] for r in rows):
        cells = [interval(found[name, *column]) for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
