"""Does ZSE find unseen categories, by retrieval tokens, by relation scores, in two stages?

Run: python benchmarks/zse.py [RUN]    reads runs/zse-small, writes benchmarks/results/zse.json.
Reads the test splits, so it runs only when training has ended; the weights are those of the best
validation, on held-back *seen* categories. Nothing may be chosen by what it prints.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import timm
import torch

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks
from inkseek.encoder import Encoder
from inkseek.metrics import ranking
from inkseek.metrics.interval import bootstrap_interval
from inkseek.models.backbones import scale_pixels
from inkseek.report.evaluation import Embed, Images, Rows, embed_tasks
from inkseek.report.retrieval import BEYOND
from inkseek.systems.zse.config import NetworkConfig, ZseConfig
from inkseek.systems.zse.convnet import ConvnetTrunk
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import rerank, sa_distances, score_candidates
from inkseek.systems.zse.tokenizer import Encoded
from inkseek.systems.zse.train import encode_task
from inkseek.systems.zse.trained import load_run
from inkseek.training.loop import CHECKPOINT, VALIDATION

ROOT = Path(__file__).parents[1]
RERANKED = 100
TASKS = ("sketchy/unseen", "quickdraw/unseen", "sketchy/in-category")
CUTS = (100, 200)
REPEATS = 50


def main() -> None:
    """Measure every method on every task, then the time of each stage."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "zse-small"
    config, network = load_run(run)
    step = torch.load(run / CHECKPOINT, map_location="cpu", weights_only=False)["global_step"]
    if step < config.last_step:
        sys.exit(
            f"{run} is at step {step} of {config.last_step}; the test splits are read once, "
            "after training: inkseek train recipes/zse/small.yaml --resume"
        )
    sets = load_sets(config.sets, ROOT / "cache", photo_size=config.photo_size)
    unseen = held_back(config.sets)
    tasks = make_tasks([s.pairs for s in sets], "test", unseen)
    tasks = [task for task in tasks if task.name in TASKS]
    tasks.append(only_unseen(next(t for t in tasks if t.is_instance), sets, unseen))
    shipped = Encoder.load("default", precision="fp32", num_threads=0)
    size, untrained = config.network.image_size, untrained_embedder(config.network)
    figures = []
    for task, queries, gallery in embed_tasks(untrained, size, size, sets, tasks, centred=True):
        figures += measure("untrained", task, 1.0 - queries @ gallery.T)
    for task in tasks:
        packed = sets[task.set_index]
        queries = shipped.embed_sketches([packed.sketches[int(i)] for i in task.queries])
        gallery = shipped.embed_photos([packed.photos[i] for i in task.gallery])
        figures += measure("shipped", task, 1.0 - queries @ gallery.T)
        encoded = encode_task(network, packed, task, size)
        for name, distances in rank(network, task, *encoded).items():
            figures += measure(name, task, distances)
    report = {
        "command": "python benchmarks/zse.py",
        "recipe": f"{config.name}, seed {config.seed}, {config.last_step} steps",
        "validation": [json.loads(line) for line in (run / VALIDATION).read_text().splitlines()],
        "shipped model": shipped.digest,
        "software": {"torch": torch.__version__, "timm": timm.__version__},
        "figures": figures,
        "milliseconds": time_stages(config, network, sets[0]),
    }
    path = ROOT / "benchmarks" / "results" / "zse.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def only_unseen(task: Task, sets: list[PackedSet], unseen: frozenset[str]) -> Task:
    """Fine-grained retrieval among photos of one category, asked by unseen categories alone."""
    sketches = sets[task.set_index].pairs.sketches
    kept = np.array([sketches[i].category in unseen for i in task.queries])
    return Task(
        f"{task.name}, unseen",
        task.set_index,
        task.queries[kept],
        task.gallery,
        task.relevant[kept],
        task.allowed[kept],
        task.clusters[kept],
    )


def rank(
    network: ZseNetwork, task: Task, sketches: Encoded, photos: Encoded
) -> dict[str, np.ndarray]:
    """Distances by the three ways of ranking; only photos that compete meet the network."""
    coarse = sa_distances(sketches, photos)
    ways = {"zse sa": coarse}
    allowed = int(task.allowed.sum(1).min())
    # Every query competes with as many photos as another: all, or the 25 of its category.
    first = np.argsort(np.where(task.allowed, coarse, BEYOND), axis=1, kind="stable")[:, :allowed]
    logits = score_candidates(network, sketches, photos, first)
    ways["zse rn"] = rerank(coarse, first, logits)
    ways["zse two-stage"] = rerank(coarse, first[:, :RERANKED], logits[:, :RERANKED])
    return ways


def measure(method: str, task: Task, distances: np.ndarray) -> list[dict[str, object]]:
    """Each metric of a task with its interval over photos or categories."""
    distances = np.where(task.allowed, distances, BEYOND).astype(np.float32)
    position = ranking.ranks(distances, task.relevant)
    if task.is_instance:
        values = {"acc@1": position <= 1, "acc@10": position <= 10}
    else:
        found = (distances, task.relevant)
        values = {
            "P@1": position <= 1,
            "mAP@all": ranking.average_precisions(*found),
            "mAP@all VOC": ranking.average_precisions_voc(*found),
        }
        for k in (k for k in CUTS if k <= len(task.gallery)):
            values[f"mAP@{k}"] = ranking.average_precisions_over_min(*found, k=k)
            values[f"P@{k}"] = ranking.precisions_at_k(*found, k=k)
            values[f"P@min({k}, R)"] = ranking.precisions_at_min_k(*found, k=k)
    rows = []
    for metric, per_query in values.items():
        interval = bootstrap_interval(
            np.asarray(per_query, dtype=np.float64),
            generator=np.random.default_rng(0),
            clusters=task.clusters.tolist(),
        )
        print(f"{method:14} {task.name:28} {metric:14} {interval}")
        rows.append(
            {
                "method": method,
                "task": task.name,
                "metric": metric,
                "mean": interval.mean,
                "low": interval.low,
                "high": interval.high,
                "queries": len(task.queries),
                "gallery": float(task.allowed.sum(1).mean()),
                "chance": float((task.relevant.sum(1) / task.allowed.sum(1)).mean()),
            }
        )
    return rows


def untrained_embedder(config: NetworkConfig) -> Embed:
    """Pooled features of the start weights."""
    trunk = ConvnetTrunk(config).eval()

    def embed(images: Images) -> Rows:
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Rows = trunk.feature_maps(pixels)[0].mean(dim=(2, 3)).numpy()
        return rows

    return embed


def time_stages(config: ZseConfig, network: ZseNetwork, packed: PackedSet) -> dict[str, float]:
    """Median milliseconds of one query's stages on one core."""
    torch.set_num_threads(1)
    count = min(1000, len(packed.photos))
    task = Task(
        "time",
        0,
        np.arange(1),
        np.arange(count),
        np.ones((1, count), dtype=bool),
        np.ones((1, count), dtype=bool),
        np.zeros(1, dtype=np.int64),
    )
    sketch, photos = encode_task(network, packed, task, config.network.image_size)
    shortlist = np.argsort(sa_distances(sketch, photos), axis=1)[:, :RERANKED]
    pixels = torch.zeros(1, 3, config.network.image_size, config.network.image_size)

    def encode() -> None:
        with torch.no_grad():
            network(pixels)

    return {
        "encode one sketch": median_of(encode),
        f"shortlist of {count} photos": median_of(lambda: sa_distances(sketch, photos)),
        f"re-rank {RERANKED} photos": median_of(
            lambda: score_candidates(network, sketch, photos, shortlist)
        ),
    }


def median_of(work: Callable[[], object]) -> float:
    """Milliseconds, after a warm-up."""
    work()
    spent = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return 1000 * statistics.median(spent)


if __name__ == "__main__":
    main()
