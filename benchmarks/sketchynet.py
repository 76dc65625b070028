"""SketchyNet on the test splits: teacher, student alone, V1 on every canvas, V2 if it ships.

Run: python benchmarks/sketchynet.py [--runs runs]    after recipes/sketchynet/*.yaml were trained;
writes benchmarks/results/sketchynet.json and docs/images/frontier.png. Nothing may be chosen by
what it prints.
"""

import argparse
import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks
from inkseek.encoder import Encoder
from inkseek.metrics.cost import count_macs
from inkseek.report.evaluation import Embed, EmbedSketches, embed_tasks, onnx_embedder
from inkseek.report.frontier import draw_frontier
from inkseek.report.retrieval import evaluate_task
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.selector_run import FRONTIER, SelectorRunConfig
from inkseek.training.embedder import torch_embedder
from inkseek.training.recipe import RECIPE, read_recipe, read_system
from inkseek.training.trained import load_teacher, load_trained

ROOT = Path(__file__).parents[1]
TASKS = ("sketchy/in-category", "sketchy/unseen-15", "shoes", "emoji")


@dataclass(frozen=True, eq=False)
class Contender:
    """One row of the table.

    Attributes:
        name: What it is.
        embed: RGB images to unit rows.
        canvas_size: Side of sketches.
        photo_size: Side of photos.
        gflops: Of one sketch, if it is the same for all.
        encoder: If it chooses its canvas itself.
    """

    name: str
    embed: Embed
    canvas_size: int
    photo_size: int
    gflops: float | None
    encoder: Encoder | None = None

    @property
    def embed_sketches(self) -> EmbedSketches | None:
        """Strokes to rows, for one that chooses."""
        return None if self.encoder is None else self.encoder.embed_sketches

    def cost(self, sketches: Sequence[Sketch]) -> float:
        """Mean GFLOPs of a sketch, the selector's own included."""
        if self.encoder is None:
            return float(self.gflops or 0.0)
        return float(self.encoder.choose(sketches).gflops.mean())


def main() -> None:
    """Measure every contender on every task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    parser.add_argument("--model", default="default", help="folder exported from one of them")
    arguments = parser.parse_args()
    selector = read_recipe(arguments.runs / "selector" / RECIPE, SelectorRunConfig)
    student = read_recipe(ROOT / selector.student / RECIPE, StudentConfig)
    sets = load_sets(student.sets, ROOT / "cache", photo_size=student.photo_size)
    tasks = make_tasks([s.pairs for s in sets], "test", held_back(student.sets))
    tasks = [task for task in tasks if task.name in TASKS]
    rows = []
    for contender in find_contenders(student, arguments.model):
        for row in measure(contender, sets, tasks):
            rows.append(row)
            print(
                f"{row['name']:24} {row['task']:22} {row['metric']:8} {row['gflops']:.4f}", end=" "
            )
            print(f"{row['interval']['mean']:.3f}")
    frontier = json.loads((arguments.runs / "selector" / FRONTIER).read_text(encoding="utf-8"))
    report = {
        "command": "python benchmarks/sketchynet.py",
        "recipes": ["recipes/sketchynet/student.yaml", "recipes/sketchynet/selector.yaml"],
        "seed": student.seed,
        "split": "test",
        "rows": rows,
        "validation": frontier,
    }
    path = ROOT / "benchmarks" / "results" / "sketchynet.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    draw_frontier(frontier, ROOT / "docs" / "images" / "frontier.png")


def find_contenders(student: StudentConfig, model: str) -> list[Contender]:
    """Teacher, student alone (where distillation began), V1 on each canvas and V2, as exported."""
    teacher = load_teacher([ROOT / run for run in student.teachers])
    found = [
        Contender(
            "teacher",
            torch_embedder(teacher.network),
            teacher.canvas_size,
            teacher.photo_size,
            2e-9 * count_macs(teacher.network, teacher.canvas_size),
        )
    ]
    start = student.start
    while start is not None and read_system(ROOT / start / RECIPE) == "sketchynet":
        start = read_recipe(ROOT / start / RECIPE, StudentConfig).start
    if start is not None:
        alone = load_trained(ROOT / start)
        found += [
            Contender(
                f"student alone, {side}",
                torch_embedder(alone.network),
                side,
                alone.photo_size,
                2e-9 * count_macs(alone.network, side),
            )
            for side in student.canvas_sizes
        ]
    for precision in ("fp32", "int8"):
        encoder = Encoder.load(model, precision=precision, num_threads=0)  # type: ignore[arg-type]
        embed = onnx_embedder(encoder)
        found += [
            Contender(
                f"V1 {precision}, {side}",
                embed,
                side,
                encoder.photo_size,
                encoder.card.gflops[side],
            )
            for side in student.canvas_sizes
        ]
        if encoder.card.selector:
            found.append(
                Contender(
                    f"V2 {precision}", embed, encoder.canvas_size, encoder.photo_size, None, encoder
                )
            )
    return found


def measure(
    contender: Contender, sets: Sequence[PackedSet], tasks: Sequence[Task]
) -> list[dict[str, object]]:
    """Figures of every task, each with what a query cost."""
    embedded = embed_tasks(
        contender.embed,
        contender.canvas_size,
        contender.photo_size,
        sets,
        tasks,
        embed_sketches=contender.embed_sketches,
    )
    rows = []
    for task, queries, gallery in embedded:
        drawings = [sets[task.set_index].sketches[int(i)] for i in task.queries]
        gflops = contender.cost(drawings)
        rows += [
            {"name": contender.name, "gflops": gflops, **dataclasses.asdict(figure)}
            for figure in evaluate_task(task, queries, gallery)
        ]
    return rows


if __name__ == "__main__":
    main()
