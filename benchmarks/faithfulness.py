"""Do the strokes that an explanation names matter? The true photo's rank without them says.

Run: python benchmarks/faithfulness.py    writes benchmarks/results/faithfulness.json.
Removes from each validation emoji drawing the k strokes that `explain.match` ranks highest,
against k random ones, and searches the 137 validation photos again. Nothing is chosen by it.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from inkseek.data.sets import load_sets
from inkseek.data.tasks import make_tasks
from inkseek.encoder import Encoder
from inkseek.explain.match import explain_match
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import ranks
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
REMOVED = (1, 2, 3)
DRAWS = 5
MORE_THAN = max(REMOVED)


def main() -> None:
    """Measure and write."""
    encoder = Encoder.load("default", precision="fp32", num_threads=0)
    (packed,) = load_sets(["emoji"], ROOT / "cache", photo_size=144)
    (task,) = make_tasks([packed.pairs], "val", frozenset())
    photos = encoder.embed_photos([packed.photos[i] for i in task.gallery])
    generator = np.random.default_rng(0)
    queries = [q for q in task.queries if len(packed.sketches[int(q)].strokes) > MORE_THAN]
    sketches = [packed.sketches[int(q)] for q in queries]
    targets = np.array([packed.pairs.sketches[q].photo for q in queries])
    relevant = targets[:, None] == task.gallery[None, :]

    def reciprocal_ranks(drawn: list[Sketch]) -> np.ndarray:
        return 1.0 / ranks(-encoder.embed_sketches(drawn) @ photos.T, relevant)

    orders = [
        np.argsort(-explain_match(encoder, sketch, packed.photos[target]).strokes)
        for sketch, target in zip(sketches, targets, strict=True)
    ]
    whole = reciprocal_ranks(sketches)
    rows = [{"removed": 0, "by": "nothing", **_figure(whole)}]
    for k in REMOVED:
        named = [_without(s, order[:k]) for s, order in zip(sketches, orders, strict=True)]
        least = [_without(s, order[-k:]) for s, order in zip(sketches, orders, strict=True)]
        rows.append({"removed": k, "by": "explanation", **_figure(reciprocal_ranks(named))})
        chance = np.mean(
            [
                reciprocal_ranks(
                    [
                        _without(s, generator.choice(len(s.strokes), k, replace=False))
                        for s in sketches
                    ]
                )
                for _ in range(DRAWS)
            ],
            axis=0,
        )
        rows.append({"removed": k, "by": "chance", **_figure(chance)})
        rows.append({"removed": k, "by": "explanation, last", **_figure(reciprocal_ranks(least))})
    for row in rows:
        print(row)
    report = {
        "command": "python benchmarks/faithfulness.py",
        "model": encoder.digest,
        "data": "emoji validation split with more than three strokes",
        "queries": len(sketches),
        "gallery": len(task.gallery),
        "metric": "mean reciprocal rank of the true photo",
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "faithfulness.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _without(sketch: Sketch, dropped: np.ndarray) -> Sketch:
    gone = set(dropped.tolist())
    kept = tuple(s for t, s in enumerate(sketch.strokes) if t not in gone)
    return replace(sketch, strokes=kept)


def _figure(reciprocal: np.ndarray) -> dict[str, float]:
    interval = bootstrap_interval(reciprocal, generator=np.random.default_rng(0))
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


if __name__ == "__main__":
    main()
