"""What tracing costs the shipped encoder."""

from typing import Any

from tables.common import interval, rule


def write_tracing(report: dict[str, Any]) -> str:
    """Validation sketches drawn from strokes, traced back, and scaled as pixels."""
    lines = ["| validation sketches | drawn from | acc@1 | acc@10 | cosine to strokes |", rule(5)]
    rows = report["figures"]
    found = {(r["task"], r["source"], r["metric"]): r for r in rows}
    for task, source in dict.fromkeys((r["task"], r["source"]) for r in rows):
        first, tenth = (found[task, source, metric] for metric in ("acc@1", "acc@10"))
        lines.append(
            f"| {task}, {first['num_queries']} | {source} | {interval(first['interval'])} | "
            f"{interval(tenth['interval'])} | {first['cosine_to_strokes']:.3f} |"
        )
    return "\n".join(lines)
