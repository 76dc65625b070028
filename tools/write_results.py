"""Write the measured tables into README.md, the docs and the model's card, from benchmarks/results.

Run: python tools/write_results.py    after the benchmarks; no number is typed by hand.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tables import (
    application,
    canvases,
    explain,
    photo_topology,
    readme,
    siamese,
    sketchgloc,
    sketchynet,
    tracing,
    zse,
)
from tables.card import write_card_figures

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
Write = Callable[[dict[str, Any]], str]

PAGES: tuple[tuple[str, str, dict[str, Write]], ...] = (
    ("retrieval", "README.md", {"results": readme.write_retrieval}),
    ("speed", "README.md", {"speed": readme.write_speed}),
    ("faithfulness", "docs/explain.md", {"faithfulness": explain.write_faithfulness}),
    (
        "zse",
        "docs/systems/zse.md",
        {
            "results": zse.write_zse,
            "differences": zse.write_zse_differences,
            "time": zse.write_zse_times,
        },
    ),
    ("zse_transfer", "docs/systems/zse.md", {"transfer": zse.write_zse_transfer}),
    ("zse_choices", "docs/systems/zse.md", {"choices": zse.write_zse_choices}),
    ("pointing", "docs/systems/zse.md", {"pointing": explain.write_pointing}),
    ("faithfulness_zse", "docs/systems/zse.md", {"faithfulness": explain.write_faithfulness}),
    (
        "sketchynet",
        "docs/systems/sketchynet.md",
        {
            "results": sketchynet.write_sketchynet,
            "frontier": lambda report: sketchynet.write_frontier(report["validation"]),
        },
    ),
    ("student_speed", "docs/systems/sketchynet.md", {"speed": sketchynet.write_student_speed}),
    (
        "training_speed",
        "docs/systems/sketchynet.md",
        {"training": sketchynet.write_training_speed},
    ),
    ("pruning", "docs/systems/sketchynet.md", {"pruning": sketchynet.write_pruning}),
    (
        "selector",
        "docs/systems/sketchynet.md",
        {"ablations": sketchynet.write_selector_ablations},
    ),
    (
        "canvases",
        "docs/systems/sketchynet.md",
        {"canvases": canvases.write_queries, "categories": canvases.write_categories},
    ),
    (
        "photo_topology",
        "docs/systems/photo_topology.md",
        {
            "methods": photo_topology.write_methods,
            "differences": photo_topology.write_differences,
            "kept": photo_topology.write_validation,
            "choices": photo_topology.write_choices,
            "students": photo_topology.write_students,
            "selectors": photo_topology.write_selectors,
        },
    ),
    ("siamese_ablations", "docs/systems/siamese.md", {"ablations": siamese.write_ablations}),
    (
        "tidy",
        "docs/systems/sketchgloc.md",
        {"tidy": sketchgloc.write_tidy, "emoji": sketchgloc.write_emoji},
    ),
    ("suggest", "docs/systems/sketchgloc.md", {"suggest": sketchgloc.write_suggest}),
    ("sketchgloc", "docs/systems/sketchgloc.md", {"redrawn": sketchgloc.write_redrawn}),
    (
        "sketchgloc_short",
        "docs/systems/sketchgloc_peers.md",
        {
            "models": sketchgloc.write_models,
            "differences": sketchgloc.write_model_differences,
        },
    ),
    ("sketchgloc_ten", "docs/systems/sketchgloc_peers.md", {"ten": sketchgloc.write_models}),
    ("tracing", "docs/data.md", {"tracing": tracing.write_tracing}),
    ("page", "docs/page.md", {"page": application.write_page}),
    ("load", "docs/api.md", {"load": application.write_load}),
    ("browser", "docs/browser.md", {"browser": application.write_browser}),
)
"""Name of a report, the page it goes to, and what writes each place of that page."""


def main() -> None:
    """Everything that has been measured."""
    if retrieval := _read("retrieval"):
        write_card_figures(retrieval, ROOT / "models" / "default")
    for name, page, tables in PAGES:
        if report := _read(name):
            _fill(page, {place: write(report) for place, write in tables.items()})


def _read(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _fill(page: str, tables: dict[str, str]) -> None:
    """Put each table between the comments that name its place."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    for name, table in tables.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end of {name} -->)"
        text = re.sub(pattern, lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.DOTALL)  # noqa: B023
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
