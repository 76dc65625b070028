"""What a canvas costs sketches and photos: Figures 2 and 4 and Table 5 of "Sketch Down the FLOPs".

Run: python benchmarks/canvases.py [--runs runs]    after recipes/sketchynet/student.yaml was
trained; writes benchmarks/results/canvases.json and docs/images/canvases.png. It reads the test
splits; nothing may be chosen by what it prints.
"""

import argparse
import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks
from inkseek.metrics.cost import count_macs
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import average_precisions, precisions_at_k, precisions_at_min_k, ranks
from inkseek.raster.photo import fit_square
from inkseek.report.evaluation import CHUNK, Embed, Rows, embed_tasks
from inkseek.report.retrieval import BEYOND
from inkseek.report.sheet import Cell, draw_sheet
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.outcomes import oracle_canvas
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import load_teacher, load_trained

ROOT = Path(__file__).parents[1]
INSTANCE = ("sketchy/in-category", "shoes", "emoji")
CATEGORY = ("sketchy/unseen", "quickdraw/category")
SHOWN = 10
"""Sketches in a row of the gallery, which shows emoji: their drawings may be passed on."""
NOT_SHOWN = ("1F595",)
"""Drawings that not everyone likes to see on a page."""


@dataclass(frozen=True, eq=False)
class Positions:
    """Rank of the photo of each sketch of a task, by canvas: for sketches, and for photos that ask.

    Attributes:
        task: The task.
        sketch: A sketch that was drawn on the canvas asks.
        photo: Its photo asks, reduced to the canvas: the same task for both.
    """

    task: Task
    sketch: dict[int, np.ndarray]
    photo: dict[int, np.ndarray]


def main() -> None:
    """Measure, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    arguments = parser.parse_args()
    config = read_recipe(arguments.runs / "student" / RECIPE, StudentConfig)
    sets = load_sets(config.sets, ROOT / "cache", photo_size=config.photo_size)
    tasks = make_tasks([s.pairs for s in sets], "test", held_back(config.sets))
    network = load_trained(arguments.runs / "student").network
    embed = torch_embedder(network)
    found = [
        measure_positions(embed, config, sets, task) for task in tasks if task.name in INSTANCE
    ]
    category = [task for task in tasks if task.name in CATEGORY]
    report = {
        "command": "python benchmarks/canvases.py",
        "recipe": "recipes/sketchynet/student.yaml",
        "seed": config.seed,
        "split": "test",
        "canvas_sizes": config.canvas_sizes,
        "gflops": [2e-9 * count_macs(network, side) for side in config.canvas_sizes],
        "queries": [row for positions in found for row in describe_positions(positions)],
        "category": list(measure_categories(embed, config, sets, category)),
    }
    path = ROOT / "benchmarks" / "results" / "canvases.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))
    shown = next(p for p in found if p.task.name == "emoji")
    sheet = draw_sheet(list(choose_shown(shown, sets[shown.task.set_index])), side=120)
    sheet.save(ROOT / "docs" / "images" / "canvases.png")


def measure_positions(
    embed: Embed, config: StudentConfig, sets: Sequence[PackedSet], task: Task
) -> Positions:
    """Rank sketches and reduced photos on every canvas among the photos at their full side."""
    found, packed = Positions(task, {}, {}), sets[task.set_index]
    for canvas in config.canvas_sizes:
        rows = embed_tasks(embed, canvas, config.photo_canvas_size, sets, [task])
        ((_, queries, gallery),) = rows
        reduced = np.stack([fit_square(packed.photos[int(i)], canvas) for i in task.gallery])
        asking = np.concatenate(
            [embed(reduced[i : i + CHUNK]) for i in range(0, len(reduced), CHUNK)]
        )[task.relevant.argmax(axis=1)]
        found.sketch[canvas] = _rank(task, queries, gallery)
        found.photo[canvas] = _rank(task, asking, gallery)
    return found


def describe_positions(found: Positions) -> Iterator[dict[str, object]]:
    """Figure 2: acc@1 by canvas; of what is right on the largest, the share that is right here."""
    largest = max(found.sketch)
    for asks, positions in (("sketch", found.sketch), ("photo", found.photo)):
        whole = positions[largest] == 1
        for canvas, position in positions.items():
            right = position == 1
            yield {
                "task": found.task.name,
                "asks": asks,
                "canvas": canvas,
                "acc@1": _interval(right, found.task.clusters),
                "kept": _interval(right[whole], found.task.clusters[whole]),
            }


def measure_categories(
    embed: Embed, config: StudentConfig, sets: Sequence[PackedSet], tasks: Sequence[Task]
) -> Iterator[dict[str, object]]:
    """Table 5: category retrieval by the teacher and by the student on every canvas."""
    teacher = load_teacher([ROOT / run for run in config.teachers])
    contenders = [("teacher", torch_embedder(teacher.network), teacher.canvas_size)]
    contenders += [(f"V1, {canvas}", embed, canvas) for canvas in config.canvas_sizes]
    for name, chosen, canvas in contenders:
        side = teacher.photo_size if name == "teacher" else config.photo_canvas_size
        for task, queries, gallery in embed_tasks(chosen, canvas, side, sets, tasks):
            distances = np.where(task.allowed, 1.0 - queries @ gallery.T, BEYOND)
            values = {
                "mAP@all": average_precisions(distances, task.relevant),
                "P@200": precisions_at_k(distances, task.relevant, k=200),
                "P@min(200, R)": precisions_at_min_k(distances, task.relevant, k=200),
            }
            for metric, per_query in values.items():
                yield {
                    "name": name,
                    "task": task.name,
                    "metric": metric,
                    "queries": len(queries),
                    "gallery": len(gallery),
                    **_interval(per_query, task.clusters),
                }


def choose_shown(found: Positions, packed: PackedSet) -> Iterator[list[Cell]]:
    """Figure 4: for each canvas, sketches for which it is the smallest that finds their photo."""
    sizes = sorted(found.sketch)
    smallest = oracle_canvas(np.stack([found.sketch[size] for size in sizes]))
    names = [packed.pairs.sketches[i].path.stem for i in found.task.queries]
    is_shown = ~np.isin(names, NOT_SHOWN)
    for number, size in enumerate(sizes):
        is_right = (smallest == number) & (found.sketch[size] == 1)
        right = np.flatnonzero(is_right & is_shown)
        # Evenly over the task, so that no group fills the row.
        chosen = right[np.linspace(0, len(right) - 1, min(len(right), SHOWN)).astype(int)]
        yield [Cell(packed.sketches[int(found.task.queries[i])], f"{size} px") for i in chosen]


def _rank(task: Task, queries: Rows, gallery: Rows) -> np.ndarray:
    return ranks(np.where(task.allowed, 1.0 - queries @ gallery.T, BEYOND), task.relevant)


def _interval(values: np.ndarray, clusters: np.ndarray) -> dict[str, float]:
    generator = np.random.default_rng(0)
    found = bootstrap_interval(
        values.astype(np.float64), generator=generator, clusters=clusters.tolist()
    )
    return dataclasses.asdict(found)


if __name__ == "__main__":
    main()
