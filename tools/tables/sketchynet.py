"""SketchyNet: results, speed, the frontier."""

from typing import Any

from tables.common import interval, rule


def write_sketchynet(report: dict[str, Any]) -> str:
    """The table of docs/systems/sketchynet.md: one row a contender."""
    tasks = {
        "Sketchy": ("sketchy/in-category", ("acc@1", "acc@10")),
        "shoes": ("shoes", ("acc@1", "acc@10")),
        "emoji": ("emoji", ("acc@1", "acc@10")),
        "15 unseen categories": ("sketchy/unseen-15", ("P@1", "mAP@all")),
    }
    heads = [f"{name} {' / '.join(metrics)}" for name, (_, metrics) in tasks.items()]
    lines = [f"| | GFLOPs | {' | '.join(heads)} |", rule(len(heads) + 2)]
    found = {(r["name"], r["task"], r["metric"]): r for r in report["rows"]}
    for name in dict.fromkeys(r["name"] for r in report["rows"]):
        instance = [
            found[name, task, "acc@1"] for task in ("sketchy/in-category", "shoes", "emoji")
        ]
        queries = sum(r["num_queries"] for r in instance)
        gflops = sum(r["gflops"] * r["num_queries"] for r in instance) / queries
        cells = [
            " / ".join(interval(found[name, task, metric]["interval"]) for metric in metrics)
            for task, metrics in tasks.values()
        ]
        lines.append(f"| {name} | {gflops:.4f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_student_speed(report: dict[str, Any]) -> str:
    """Milliseconds from strokes to embedding, beside the paper's teacher."""
    lines = ["| one core | ms, p50 | times faster |", rule(3)]
    for row in report["rows"]:
        lines.append(f"| {row['name']} | {row['ms']:.2f} | {row['times_faster']:.0f} |")
    return "\n".join(lines)


def write_training_speed(report: dict[str, Any]) -> str:
    """Images a second forward and backward, with and without the quick gradient of strides."""
    lines = [
        "| side | precision | as it comes | quickened | times faster | ratio to limit |",
        rule(6),
    ]
    for row in report["rows"]:
        lines.append(
            f"| {row['side']} | {row['precision']} | {row['plain']:.0f}/s | {row['quick']:.0f}/s "
            f"| {row['times_faster']:.2f} | {row['ratio_to_limit']:.2f} |"
        )
    return "\n".join(lines)


def write_pruning(report: dict[str, Any]) -> str:
    """What is left of the figures of validation, by the share of weights that is zero."""
    columns = {
        "Sketchy in-category acc@1": ("sketchy/in-category", "acc@1"),
        "shoes acc@1": ("shoes", "acc@1"),
        "with 2,000 more": ("shoes/+2000", "acc@1"),
        "emoji acc@1": ("emoji", "acc@1"),
        "Sketchy categories mAP@all": ("sketchy/category", "mAP@all"),
    }
    found = {(r["share"], r["task"], r["metric"]): r for r in report["rows"]}
    lines = [f"| pruned | GFLOPs | {' | '.join(columns)} |", rule(len(columns) + 2)]
    for share in dict.fromkeys(r["share"] for r in report["rows"]):
        rows = [found[share, *key] for key in columns.values()]
        cells = " | ".join(f"{r['interval']['mean']:.3f}" for r in rows)
        lines.append(f"| {share:.0%} | {rows[0]['gflops']:.3f} | {cells} |")
    return "\n".join(lines)


def write_selector_ablations(report: dict[str, Any]) -> str:
    """Every variant of the selector: what each seed chose, and how often two seeds agree."""
    lines = ["| | acc@1, by seed | GFLOPs, by seed | two seeds agree |", rule(4)]
    for name in dict.fromkeys(r["name"] for r in report["rows"]):
        rows = [r for r in report["rows"] if r["name"] == name]
        accuracy, cost = (", ".join(f"{r[key]:.3f}" for r in rows) for key in ("acc_at_1", "cost"))
        agreement = rows[-1]["agreement_between_seeds"]
        lines.append(f"| {name} | {accuracy} | {cost} | {agreement:.0%} |")
    return "\n".join(lines)


def write_frontier(report: dict[str, Any]) -> str:
    """Accuracy against FLOPs on validation: fixed canvases, selectors, the best choice there is."""
    sizes = report["canvas_sizes"]
    lines = [
        f"| {report['queries']} validation sketches | GFLOPs | acc@1 | shares of {sizes} |",
        rule(4),
    ]
    rows = [(f"always {s}", f) for s, f in zip(sizes, report["fixed"], strict=True)]
    for weight, epoch in report["selectors"].items():
        chosen = " (kept)" if float(weight) == report["chosen"] else ""
        rows.append((f"selector, compute weight {weight}{chosen}", epoch["val"]))
    rows.append(("the smallest canvas that is right, known beforehand", report["oracle"]))
    for name, figures in rows:
        shares = ", ".join(f"{share:.2f}" for share in figures["shares"])
        lines.append(f"| {name} | {figures['cost']:.4f} | {figures['acc_at_1']:.3f} | {shares} |")
    return "\n".join(lines)
