"""Does ZSE find unseen categories, by retrieval tokens, by relation scores, in two stages?

Run: python benchmarks/zse.py [RUN]    reads runs/zse-small-second, writes
benchmarks/results/zse.json.
Reads the test splits, so it runs only when training has ended; the weights are those of the best
validation, and the blend is that of benchmarks/zse_choices.py, both on held-back *seen* categories.
Nothing may be chosen by what it prints. Emoji and shoes are data sets that this network never saw;
the shipped model was trained on them.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from inkseek.systems.zse.encode import encode_photos, encode_sketches
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import blend, rerank, sa_distances, score_candidates
from inkseek.systems.zse.tokenizer import Encoded
from inkseek.systems.zse.trained import load_run
from inkseek.training.loop import CHECKPOINT, VALIDATION, read_step

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
RERANKED = 100
SETS = ("sketchy-mini", "quickdraw", "emoji", "shoes")
TASKS = ("sketchy/unseen", "quickdraw/unseen", "sketchy/in-category", "emoji", "shoes")
CUTS = (100, 200)
REPEATS = 50
PAIRS = (
    ("zse rn", "zse sa"),
    ("zse two-stage", "zse sa"),
    ("zse blend", "zse sa"),
    ("zse sa", "untrained"),
    ("zse rn", "untrained"),
)
"""Methods that are compared query by query."""

PerQuery = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Subjects:
    """What is measured: the network, and what it is held against.

    Attributes:
        network: Of the run.
        blend: Photos that are re-ranked, and the weight of the logit, chosen on validation.
        untrained: Pooled features of the start weights.
        shipped: The model that inkseek searches with.
    """

    network: ZseNetwork
    blend: dict[str, float]
    untrained: Embed
    shipped: Encoder


def main() -> None:
    """Measure every method on every task, then the time of each stage."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "zse-small-second"
    config, network = load_finished(run)
    choice = RESULTS / "zse_choices.json"
    if not choice.is_file():
        sys.exit("how to blend is chosen on validation first: python benchmarks/zse_choices.py")
    chosen = json.loads(choice.read_text(encoding="utf-8"))["chosen"]
    sets = load_sets(SETS, ROOT / "cache", photo_size=config.photo_size)
    shipped = Encoder.load("default", precision="fp32", num_threads=0)
    subjects = Subjects(network, chosen, untrained_embedder(config.network), shipped)
    figures: list[dict[str, object]] = []
    comparisons: list[dict[str, object]] = []
    for task in choose_tasks(sets, held_back(SETS)):
        found = rank_all(subjects, sets, task)
        measured = {name: measure(task, distances) for name, distances in found.items()}
        for name, values in measured.items():
            figures += summarise(name, task, values)
        comparisons += compare(task, measured)
    report = {
        "command": "python benchmarks/zse.py",
        "recipe": f"{config.name}, seed {config.seed}, {config.last_step} steps",
        "validation": [json.loads(line) for line in (run / VALIDATION).read_text().splitlines()],
        "blend": chosen,
        "shipped model": shipped.digest,
        "software": {"torch": torch.__version__, "timm": timm.__version__},
        "figures": figures,
        "differences": comparisons,
        "milliseconds": time_stages(network, sets[0]),
    }
    (RESULTS / "zse.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def load_finished(run: Path) -> tuple[ZseConfig, ZseNetwork]:
    """A run whose training has ended; the test splits are not for others."""
    config, network = load_run(run)
    step = read_step(run / CHECKPOINT)
    if step < config.last_step:
        sys.exit(
            f"{run} is at step {step} of {config.last_step}; the test splits are read once, "
            "after training: inkseek train RECIPE --resume"
        )
    return config, network


def choose_tasks(sets: list[PackedSet], unseen: frozenset[str]) -> list[Task]:
    """The test tasks, and fine-grained retrieval of unseen categories on its own."""
    tasks = [t for t in make_tasks([s.pairs for s in sets], "test", unseen) if t.name in TASKS]
    within = next(task for task in tasks if task.name == "sketchy/in-category")
    return [*tasks, only_unseen(within, sets, unseen)]


def rank_all(subjects: Subjects, sets: list[PackedSet], task: Task) -> dict[str, np.ndarray]:
    """Distances of one task by every method."""
    packed = sets[task.set_index]
    sketches = [packed.sketches[int(i)] for i in task.queries]
    photos = [packed.photos[i] for i in task.gallery]
    network, shipped = subjects.network, subjects.shipped
    size = network.config.image_size
    ((_, queries, gallery),) = embed_tasks(
        subjects.untrained, size, size, sets, [task], centred=True
    )
    similarity = shipped.embed_sketches(sketches) @ shipped.embed_photos(photos).T
    encoded = encode_sketches(network, sketches), encode_photos(network, photos)
    return {
        "untrained": 1.0 - queries @ gallery.T,
        "shipped": 1.0 - similarity,
        **rank(network, task, *encoded, subjects.blend),
    }


def only_unseen(task: Task, sets: list[PackedSet], unseen: frozenset[str]) -> Task:
    """Fine-grained retrieval among photos of one category, asked by unseen categories alone."""
    sketches = sets[task.set_index].pairs.sketches
    kept = np.array([sketches[i].category in unseen for i in task.queries])
    return replace(task.subset(np.flatnonzero(kept)), name=f"{task.name}, unseen")


def rank(
    network: ZseNetwork,
    task: Task,
    sketches: Encoded,
    photos: Encoded,
    chosen: dict[str, float],
) -> dict[str, np.ndarray]:
    """Distances by the ways of ranking; only photos that compete meet the network."""
    coarse = sa_distances(sketches, photos)
    # Every query competes with as many photos as another: all, or the 25 of its category.
    allowed = int(task.allowed.sum(1).min())
    every = np.argsort(np.where(task.allowed, coarse, BEYOND), axis=1, kind="stable")[:, :allowed]
    logits = score_candidates(network, sketches, photos, every)
    first = int(chosen["first"])
    return {
        "zse sa": coarse,
        "zse rn": rerank(coarse, every, logits),
        "zse two-stage": rerank(coarse, every[:, :RERANKED], logits[:, :RERANKED]),
        "zse blend": blend(coarse, every[:, :first], logits[:, :first], weight=chosen["weight"]),
    }


def measure(task: Task, distances: np.ndarray) -> PerQuery:
    """Each metric of a task, query by query."""
    distances = np.where(task.allowed, distances, BEYOND).astype(np.float32)
    position = ranking.ranks(distances, task.relevant)
    if task.is_instance:
        return {"acc@1": position <= 1, "acc@10": position <= 10, "MRR": 1.0 / position}
    found = (distances, task.relevant)
    values: PerQuery = {
        "P@1": position <= 1,
        "mAP@all": ranking.average_precisions(*found),
        "mAP@all VOC": ranking.average_precisions_voc(*found),
    }
    for k in (k for k in CUTS if k <= len(task.gallery)):
        values[f"mAP@{k}"] = ranking.average_precisions_over_min(*found, k=k)
        values[f"P@{k}"] = ranking.precisions_at_k(*found, k=k)
        values[f"P@min({k}, R)"] = ranking.precisions_at_min_k(*found, k=k)
    return values


def summarise(method: str, task: Task, values: PerQuery) -> list[dict[str, object]]:
    """Each metric with its interval over photos or categories."""
    share = float((task.relevant.sum(1) / task.allowed.sum(1)).mean())
    rows = []
    for metric, per_query in values.items():
        rows.append(
            {
                "method": method,
                "task": task.name,
                "metric": metric,
                **interval_of(f"{method:14} {task.name:28} {metric:14}", task, per_query),
                "queries": len(task.queries),
                "gallery": float(task.allowed.sum(1).mean()),
                "chance": share,
            }
        )
    return rows


def compare(task: Task, measured: dict[str, PerQuery]) -> list[dict[str, object]]:
    """Differences of methods query by query, whose intervals are narrower than those of each."""
    metric = "MRR" if task.is_instance else "mAP@all"
    rows = []
    for better, worse in (pair for pair in PAIRS if measured.keys() >= {*pair}):
        difference = measured[better][metric] - measured[worse][metric]
        name = f"{better} less {worse}"
        interval = interval_of(f"{name:30} {task.name:28} {metric}", task, difference)
        rows.append({"difference": name, "task": task.name, "metric": metric, **interval})
    return rows


def interval_of(what: str, task: Task, per_query: np.ndarray) -> dict[str, float]:
    """Mean and 95 % interval, printed."""
    interval = bootstrap_interval(
        np.asarray(per_query, dtype=np.float64),
        generator=np.random.default_rng(0),
        clusters=task.clusters.tolist(),
    )
    print(what, interval, flush=True)
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


def untrained_embedder(config: NetworkConfig) -> Embed:
    """Pooled features of the start weights."""
    trunk = ConvnetTrunk(config).eval()

    def embed(images: Images) -> Rows:
        with torch.no_grad():
            pixels = scale_pixels(torch.from_numpy(images).permute(0, 3, 1, 2))
            rows: Rows = trunk.feature_maps(pixels)[0].mean(dim=(2, 3)).numpy()
        return rows

    return embed


def time_stages(network: ZseNetwork, packed: PackedSet) -> dict[str, float]:
    """Median milliseconds of one query's stages on one core."""
    torch.set_num_threads(1)
    count = min(1000, len(packed.photos))
    sketch = encode_sketches(network, [packed.sketches[0]])
    photos = encode_photos(network, packed.photos[:count])
    shortlist = np.argsort(sa_distances(sketch, photos), axis=1)[:, :RERANKED]
    pixels = torch.zeros(1, 3, network.config.image_size, network.config.image_size)

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
