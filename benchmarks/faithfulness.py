"""Do the strokes that an explanation names matter? The rank of what is sought without them says.

Run: python benchmarks/faithfulness.py [RUN]    writes benchmarks/results/faithfulness.json, for a
RUN of ZSE faithfulness_zse.json. Removes from validation drawings the k strokes that the
explanation ranks highest, against k random ones and the k it ranks lowest, and searches again:
emoji for the very photo among the 137 of their split; with ZSE also Sketchy's held-back seen
categories for any photo of the category. ZSE meets every photo with every drawing, so that fewer
ask. Nothing is chosen by it.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks, spread
from inkseek.encoder import Encoder
from inkseek.explain.match import explain_match
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import ranks
from inkseek.report.retrieval import BEYOND
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
REMOVED = {"emoji": (1, 2, 3), "sketchy/stand-in": (2, 4, 8)}
"""Strokes; a traced sketch of Sketchy has 24 in the median, an emoji drawing far fewer."""
DRAWS = 5
QUERIES, PHOTOS = 60, 137
"""That ask ZSE, and that it meets, evenly chosen."""

Distances = Callable[[Sequence[Sketch]], np.ndarray]


@dataclass(frozen=True)
class Subject:
    """Who explains: what each stroke adds, and distances of sketches to a task's photos."""

    name: str
    explain: Callable[[Sketch, np.ndarray], np.ndarray]
    open_gallery: Callable[[PackedSet, Task], Distances]
    stand_ins: frozenset[str] = frozenset()


def main() -> None:
    """Measure and write."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    subject = of_run(run) if run else of_shipped_model()
    most = QUERIES if run else None
    tasks = [measure(subject, "emoji", "emoji", most)]
    if run:
        tasks.append(measure(subject, "sketchy-mini", "sketchy/stand-in", most))
    report = {
        "command": f"python benchmarks/faithfulness.py{f' runs/{run.name}' if run else ''}",
        "model": subject.name,
        "metric": "mean reciprocal rank of the first photo that is sought",
        "tasks": tasks,
    }
    name = "faithfulness_zse.json" if run else "faithfulness.json"
    path = ROOT / "benchmarks" / "results" / name
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def of_shipped_model() -> Subject:
    """The default model in float32."""
    encoder = Encoder.load("default", precision="fp32", num_threads=0)

    def open_gallery(packed: PackedSet, task: Task) -> Distances:
        photos = encoder.embed_photos([packed.photos[i] for i in task.gallery])
        return lambda sketches: -encoder.embed_sketches(sketches) @ photos.T

    return Subject(
        encoder.digest,
        lambda sketch, photo: explain_match(encoder, sketch, photo).strokes,
        open_gallery,
    )


def of_run(run: Path) -> Subject:
    """A ZSE network, which ranks by relation score."""
    from inkseek.systems.zse.encode import encode_photos, encode_sketches
    from inkseek.systems.zse.explain import explain_pair
    from inkseek.systems.zse.retrieval import score_candidates
    from inkseek.systems.zse.trained import load_run

    config, network = load_run(run)

    def open_gallery(packed: PackedSet, task: Task) -> Distances:
        photos = encode_photos(network, [packed.photos[i] for i in task.gallery])
        columns = [np.flatnonzero(row) for row in task.allowed]

        def distances(sketches: Sequence[Sketch]) -> np.ndarray:
            logits = score_candidates(
                network, encode_sketches(network, sketches), photos, np.stack(columns)
            )
            found = np.full(task.allowed.shape, BEYOND)
            np.put_along_axis(found, np.stack(columns), -logits, axis=1)
            return found

        return distances

    return Subject(
        f"{config.name}, seed {config.seed}",
        lambda sketch, photo: explain_pair(network, sketch, photo).match.strokes,
        open_gallery,
        frozenset(config.held_back),
    )


def measure(subject: Subject, data: str, name: str, most: int | None) -> dict[str, object]:
    """Mean reciprocal ranks of a data set's validation drawings, strokes removed in three ways."""
    removed = REMOVED[name]
    (packed,) = load_sets([data], ROOT / "cache", photo_size=144)
    task = choose_queries(packed, name, most, subject.stand_ins)
    sketches = [packed.sketches[int(q)] for q in task.queries]
    targets = [int(packed.pairs.sketches[q].photo or 0) for q in task.queries]
    distances = subject.open_gallery(packed, task)
    generator = np.random.default_rng(0)

    def search(drawn: Sequence[Sketch]) -> np.ndarray:
        return 1.0 / ranks(np.where(task.allowed, distances(drawn), BEYOND), task.relevant)

    orders = [
        np.argsort(-subject.explain(sketch, packed.photos[target]))
        for sketch, target in zip(sketches, targets, strict=True)
    ]
    found = [(0, "nothing", search(sketches))]
    for k in removed:
        chance = [search([_without_any(s, k, generator) for s in sketches]) for _ in range(DRAWS)]
        first = [_without(s, order[:k]) for s, order in zip(sketches, orders, strict=True)]
        last = [_without(s, order[-k:]) for s, order in zip(sketches, orders, strict=True)]
        found.append((k, "explanation", search(first)))
        found.append((k, "chance", np.mean(chance, axis=0)))
        found.append((k, "explanation, last", search(last)))
    rows = []
    for k, by, reciprocal in found:
        interval = bootstrap_interval(
            reciprocal, generator=np.random.default_rng(0), clusters=targets
        )
        print(f"{name:20} {k} {by:18} {interval}", flush=True)
        figures = {"mean": interval.mean, "low": interval.low, "high": interval.high}
        rows.append({"removed": k, "by": by, **figures})
    return {
        "data": f"{name}, validation drawings with more than {removed[-1]} strokes",
        "queries": len(sketches),
        "gallery": int(task.allowed.sum(1).max()),
        "rows": rows,
    }


def choose_queries(
    packed: PackedSet, name: str, most: int | None, stand_ins: frozenset[str]
) -> Task:
    """The validation task, asked by drawings of more strokes than are removed, evenly thinned."""
    tasks = make_tasks([packed.pairs], "val", held_back([packed.pairs.name]), stand_ins)
    (task,) = [t for t in tasks if t.name == name]
    fewest = REMOVED[name][-1] + 1
    strokes = np.array([len(packed.sketches[int(q)].strokes) for q in task.queries])
    many = np.flatnonzero(strokes >= fewest)
    if most is None:
        return task.subset(many)
    return task.subset(many[spread(len(many), most)], spread(len(task.gallery), PHOTOS))


def _without_any(sketch: Sketch, count: int, generator: np.random.Generator) -> Sketch:
    return _without(sketch, generator.choice(len(sketch.strokes), count, replace=False))


def _without(sketch: Sketch, dropped: np.ndarray) -> Sketch:
    gone = set(dropped.tolist())
    kept = tuple(s for t, s in enumerate(sketch.strokes) if t not in gone)
    return replace(sketch, strokes=kept)


if __name__ == "__main__":
    main()
