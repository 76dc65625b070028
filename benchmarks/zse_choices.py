"""How many photos should the relation network re-rank, and should both figures be blended?

Run: python benchmarks/zse_choices.py [RUN]    writes benchmarks/results/zse_choices.json, by which
benchmarks/zse.py blends. Measured on the validation of the run: the held-back *seen* categories,
all of their queries and photos. The test splits are not read.
"""

import json
import sys
from pathlib import Path

import numpy as np

from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import average_precisions
from inkseek.systems.zse.retrieval import blend, rerank, sa_distances, score_candidates
from inkseek.systems.zse.train import encode_task
from inkseek.systems.zse.trained import load_run

ROOT = Path(__file__).parents[1]
FIRST = (10, 25, 50, 100, 200)
"""Photos re-ranked; besides, all."""
WEIGHTS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Of the logit beside the distance of retrieval tokens; 0 is ``sa``."""


def main() -> None:
    """Measure every choice, note the best."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "zse-small-second"
    config, network = load_run(run)
    sets = load_sets(config.sets, ROOT / "cache", photo_size=config.photo_size)
    tasks = make_tasks(
        [s.pairs for s in sets], "val", held_back(config.sets), frozenset(config.held_back)
    )
    (task,) = [task for task in tasks if task.name == "sketchy/stand-in"]
    encoded = encode_task(network, sets[task.set_index], task, config.network.image_size)
    coarse = sa_distances(*encoded)
    order = np.argsort(coarse, axis=1, kind="stable")
    logits = score_candidates(network, *encoded, order)
    rows = []
    for first in (*(n for n in FIRST if n < len(task.gallery)), len(task.gallery)):
        shortlist, own = order[:, :first], logits[:, :first]
        choices = {w: blend(coarse, shortlist, own, weight=w) for w in WEIGHTS}
        for weight, distances in {**choices, None: rerank(coarse, shortlist, own)}.items():
            interval = bootstrap_interval(
                average_precisions(distances, task.relevant),
                generator=np.random.default_rng(0),
                clusters=task.clusters.tolist(),
            )
            print(f"first {first:4}  weight {weight}  mAP@all {interval}")
            figures = {"mean": interval.mean, "low": interval.low, "high": interval.high}
            rows.append({"first": first, "weight": weight, **figures})
    # A blend of some weight; among equals the fewest photos, which come first.
    best = max((r for r in rows if r["weight"]), key=lambda r: r["mean"])
    report = {
        "command": "python benchmarks/zse_choices.py",
        "recipe": f"{config.name}, seed {config.seed}",
        "task": f"{task.name}, {len(task.queries)} queries, {len(task.gallery)} photos",
        "metric": "mAP@all",
        "chosen": {"first": best["first"], "weight": best["weight"]},
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "zse_choices.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
