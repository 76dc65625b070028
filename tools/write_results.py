"""Write the measured tables into README.md and the model's card from benchmarks/results.

Run: python tools/write_results.py    after the benchmarks; no number is typed by hand.
"""

import json
import re
from pathlib import Path
from typing import Any

from inkseek.card import Measurement, read_card, write_card

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
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
PRECISIONS = ("fp32", "int8")
"""Encoders that are the shipped model, and whose figures its card holds."""

BESIDE = ("fp32", "crude", "untrained")
"""Encoders whose figures stand beside the shipped one's."""


def write_retrieval(report: dict[str, Any]) -> str:
    """The table of the README."""
    rows = {(f["task"], f["metric"], f["encoder"]): f for f in report["figures"]}
    lines = [
        f"| sought | queries, photos | metric | inkseek (INT8) | {' | '.join(BESIDE)} | chance |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (task, metric, encoder), f in rows.items():
        if encoder != "int8":
            continue
        size = f"{f['num_queries']}, {f['num_gallery']:.0f}"
        others = [f"{rows[task, metric, e]['interval']['mean']:.3f}" for e in BESIDE]
        lines.append(
            f"| {NAMES[task]} | {size} | {metric} | **{_interval(f['interval'])}** | "
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
        "|---|---|---|---|---|",
    ]
    for row in report["figures"]:
        unit = row["unit"]
        target = "" if row["target"] is None else f"{row['target']:g} {unit}"
        limit = f"{row['limit']:.3g} {unit} ({row['limit_name']})"
        value = f"{row['value']:.3g} {unit}"
        lines.append(f"| {row['name']} | {value} | {target} | {limit} | {row['ratio']:.2f} |")
    return "\n".join(lines)


def write_faithfulness(report: dict[str, Any]) -> str:
    """The table of docs/explain.md, and for ZSE that of its own page."""
    lines: list[str] = []
    for task in report["tasks"]:
        lines += [
            *([""] if lines else []),
            f"{task['queries']} drawings ({task['data']}); {task['gallery']} photos.",
            "",
            "| strokes removed | chosen by | mean reciprocal rank |",
            "|---|---|---|",
        ]
        for row in task["rows"]:
            lines.append(f"| {row['removed']} | {row['by']} | {_interval(row)} |")
    return "\n".join(lines)


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
            "|---" * (len(metrics) + 1) + "|",
        ]
        for method in dict.fromkeys(f["method"] for f in rows):
            cells = [_interval(found[task, method, metric]) for metric in metrics]
            lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_zse_differences(report: dict[str, Any]) -> str:
    """Methods against each other, by the same queries."""
    lines = ["| difference | task | metric | mean |", "|---|---|---|---|"]
    for row in sorted(report["differences"], key=lambda r: r["difference"]):
        lines.append(
            f"| {row['difference']} | {row['task']} | {row['metric']} | {_interval(row)} |"
        )
    return "\n".join(lines)


def write_zse_times(report: dict[str, Any]) -> str:
    """Milliseconds of one query's stages."""
    lines = ["| one core | ms, p50 |", "|---|---|"]
    lines += [f"| {name} | {ms:.2f} |" for name, ms in report["milliseconds"].items()]
    return "\n".join(lines)


def write_zse_choices(report: dict[str, Any]) -> str:
    """Validation: what re-ranking more photos brings, by scores alone and blended."""
    chosen = report["chosen"]
    kept = {0.0: "`sa` alone", chosen["weight"]: f"blend, weight {chosen['weight']}"}
    kept |= {None: "`rn` alone"}
    lines = [f"| {report['task']} | {' | '.join(kept.values())} |", "|---" * 4 + "|"]
    found = {(r["first"], r["weight"]): r for r in report["rows"]}
    for first in dict.fromkeys(r["first"] for r in report["rows"]):
        cells = [_interval(found[first, weight]) for weight in kept]
        lines.append(f"| first {first} re-ranked | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_pointing(report: dict[str, Any]) -> str:
    """The pointing game: where explanations point."""
    area = f"{report['mean share of a photo in its box']:.3f}"
    lines = [
        f"{report['sketches']} sketches of {report['photos']} photos; the box holds {area} of a "
        "photo in the mean.",
        "",
        "| points | share inside the box | points of a sketch |",
        "|---|---|---|",
    ]
    for row in report["rows"]:
        lines.append(f"| {row['points']} | {_interval(row)} | {row['points of a sketch']:.1f} |")
    return "\n".join(lines)


def write_sketchynet(report: dict[str, Any]) -> str:
    """The table of docs/systems/sketchynet.md: one row a contender."""
    tasks = {
        "Sketchy": ("sketchy/in-category", ("acc@1", "acc@10")),
        "shoes": ("shoes", ("acc@1", "acc@10")),
        "emoji": ("emoji", ("acc@1", "acc@10")),
        "15 unseen categories": ("sketchy/unseen-15", ("P@1", "mAP@all")),
    }
    heads = [f"{name} {' / '.join(metrics)}" for name, (_, metrics) in tasks.items()]
    lines = [f"| | GFLOPs | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|"]
    found = {(r["name"], r["task"], r["metric"]): r for r in report["rows"]}
    for name in dict.fromkeys(r["name"] for r in report["rows"]):
        instance = [
            found[name, task, "acc@1"] for task in ("sketchy/in-category", "shoes", "emoji")
        ]
        queries = sum(r["num_queries"] for r in instance)
        gflops = sum(r["gflops"] * r["num_queries"] for r in instance) / queries
        cells = [
            " / ".join(_interval(found[name, task, metric]["interval"]) for metric in metrics)
            for task, metrics in tasks.values()
        ]
        lines.append(f"| {name} | {gflops:.4f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_student_speed(report: dict[str, Any]) -> str:
    """Milliseconds from strokes to embedding, beside the paper's teacher."""
    lines = ["| one core | ms, p50 | times faster |", "|---|---|---|"]
    for row in report["rows"]:
        lines.append(f"| {row['name']} | {row['ms']:.2f} | {row['times_faster']:.0f} |")
    return "\n".join(lines)


def write_frontier(report: dict[str, Any]) -> str:
    """Accuracy against FLOPs on validation: fixed canvases, selectors, the best choice there is."""
    sizes = report["canvas_sizes"]
    lines = [
        f"| {report['queries']} validation sketches | GFLOPs | acc@1 | shares of {sizes} |",
        "|---|---|---|---|",
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


def write_card_figures(report: dict[str, Any]) -> None:
    """The same figures into the card of the model they were measured on."""
    folder = ROOT / "models" / "default"
    card = read_card(folder)
    if report["model"] != card.digest:
        raise SystemExit("these results are of another model; run benchmarks/retrieval.py again")
    figures = tuple(
        Measurement(
            task=f["task"],
            metric=f["metric"],
            precision=f["encoder"],
            value=round(f["interval"]["mean"], 4),
            low=round(f["interval"]["low"], 4),
            high=round(f["interval"]["high"], 4),
            queries=f["num_queries"],
            gallery=f["num_gallery"],
        )
        for f in report["figures"]
        if f["encoder"] in PRECISIONS
    )
    write_card(card.model_copy(update={"measurements": figures}), folder)


def _interval(interval: dict[str, float]) -> str:
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def _replace(text: str, name: str, table: str) -> str:
    pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end of {name} -->)"
    return re.sub(pattern, lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.DOTALL)


def main() -> None:
    """Everything that has been measured."""
    tables = {}
    retrieval = _read("retrieval.json")
    if retrieval:
        write_card_figures(retrieval)
        tables["results"] = write_retrieval(retrieval)
    speed = _read("speed.json")
    if speed:
        tables["speed"] = write_speed(speed)
    _fill("README.md", tables)
    faithfulness = _read("faithfulness.json")
    if faithfulness:
        _fill("docs/explain.md", {"faithfulness": write_faithfulness(faithfulness)})
    _fill("docs/systems/zse.md", _read_zse_tables())
    sketchynet = _read("sketchynet.json")
    if sketchynet:
        tables = {
            "results": write_sketchynet(sketchynet),
            "frontier": write_frontier(sketchynet["validation"]),
        }
        _fill("docs/systems/sketchynet.md", tables)
    student_speed = _read("student_speed.json")
    if student_speed:
        _fill("docs/systems/sketchynet.md", {"speed": write_student_speed(student_speed)})


def _read_zse_tables() -> dict[str, str]:
    tables = {}
    if zse := _read("zse.json"):
        tables["results"] = write_zse(zse)
        tables["differences"] = write_zse_differences(zse)
        tables["time"] = write_zse_times(zse)
    if choices := _read("zse_choices.json"):
        tables["choices"] = write_zse_choices(choices)
    if pointing := _read("pointing.json"):
        tables["pointing"] = write_pointing(pointing)
    if faithfulness := _read("faithfulness_zse.json"):
        tables["faithfulness"] = write_faithfulness(faithfulness)
    return tables


def _read(name: str) -> dict[str, Any] | None:
    path = RESULTS / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _fill(page: str, tables: dict[str, str]) -> None:
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = _replace(text, name, table)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
