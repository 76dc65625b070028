"""Does ZSE find what lies in a data set that it was not trained on?

Run: python benchmarks/zse_transfer.py [RUN ...]    reads runs/zse-sketchy-second and
runs/zse-quickdraw-second, writes benchmarks/results/zse_transfer.json.
Each run is asked for unseen categories of the data set that the other was trained on. Reads the
test splits, so it runs only when training has ended; nothing may be chosen by what it prints.
"""

import argparse
import json
from pathlib import Path

import torch
from zse import (
    RESULTS,
    ROOT,
    PerQuery,
    compare,
    interval_of,
    load_finished,
    measure,
    untrained_embedder,
)

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks
from inkseek.report.evaluation import embed_tasks
from inkseek.systems.zse.encode import encode_photos, encode_sketches
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import rerank, sa_distances, score_candidates

SETS = ("sketchy-mini", "quickdraw")
ASKED = {"sketchy-mini": "sketchy/unseen", "quickdraw": "quickdraw/unseen"}
"""The task by which each data set is asked."""
METRICS = ("P@1", "mAP@all")


def main() -> None:
    """Ask each run for what it was not trained on."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = [ROOT / "runs" / f"zse-{name}-second" for name in ("sketchy", "quickdraw")]
    parser.add_argument("runs", type=Path, nargs="*", default=default)
    figures: list[dict[str, object]] = []
    differences: list[dict[str, object]] = []
    sets: list[PackedSet] = []
    for run in parser.parse_args().runs:
        config, network = load_finished(run)
        sets = sets or load_sets(SETS, ROOT / "cache", photo_size=config.photo_size)
        new = {ASKED[name] for name in SETS if name not in config.sets}
        tasks = make_tasks([s.pairs for s in sets], "test", held_back(SETS))
        for task in (task for task in tasks if task.name in new):
            measured = ask(network, sets, task)
            told = {"recipe": f"{config.name}, seed {config.seed}", "trained": list(config.sets)}
            figures += [
                {
                    **told,
                    "method": method,
                    "task": task.name,
                    "metric": metric,
                    "queries": len(task.queries),
                    "gallery": len(task.gallery),
                    **interval_of(f"{config.name} {method:10} {metric}", task, values[metric]),
                }
                for method, values in measured.items()
                for metric in METRICS
            ]
            differences += [{**told, **row} for row in compare(task, measured)]
    report = {
        "command": "python benchmarks/zse_transfer.py",
        "software": {"torch": torch.__version__},
        "figures": figures,
        "differences": differences,
    }
    path = RESULTS / "zse_transfer.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def ask(network: ZseNetwork, sets: list[PackedSet], task: Task) -> dict[str, PerQuery]:
    """Metrics by the start weights, by retrieval tokens and by relation scores."""
    packed, size = sets[task.set_index], network.config.image_size
    embed = untrained_embedder(network.config)
    ((_, queries, gallery),) = embed_tasks(embed, size, size, sets, [task], centred=True)
    sketches = encode_sketches(network, [packed.sketches[int(i)] for i in task.queries])
    photos = encode_photos(network, [packed.photos[i] for i in task.gallery])
    coarse = sa_distances(sketches, photos)
    order = coarse.argsort(axis=1, kind="stable")
    logits = score_candidates(network, sketches, photos, order)
    ranked = {
        "untrained": 1.0 - queries @ gallery.T,
        "zse sa": coarse,
        "zse rn": rerank(coarse, order, logits),
    }
    return {method: measure(task, distances) for method, distances in ranked.items()}


if __name__ == "__main__":
    main()
