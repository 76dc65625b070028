"""Does keeping who is near whom help retrieval? Methods, optimisers, K and weights, seed by seed.

Run: python benchmarks/photo_topology.py [--runs runs/topology] [--part methods]
Trains what is not trained yet, a minute or two a run on one core; it may be stopped and started
again. Writes benchmarks/results/photo_topology.json after each run. Test figures are of
the last step; nothing is chosen by them.
"""

import argparse
import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inkseek.data.pack import PackedSet
from inkseek.data.progress import silent
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import ranks
from inkseek.metrics.topology import triplet_agreement
from inkseek.report.evaluation import embed_tasks
from inkseek.systems.photo_topology import train
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.module import PooledNet, create_network
from inkseek.systems.photo_topology.neighbours import photo_distances
from inkseek.systems.registry import find_system
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.selector_run import FRONTIER, SelectorRunConfig
from inkseek.training.loop import CHECKPOINT, VALIDATION, read_step
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import read_averaged

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "photo_topology"
RESULTS = ROOT / "benchmarks" / "results" / "photo_topology.json"
CACHE = ROOT / "cache"
MEASURED = "test.json"
"""In the folder of a run: the rank of each test query, and the topology of test photos."""

STEPS = {"shoes": 300, "sketchy-mini": 60, "emoji": 60}
"""Of every run on a set: nine epochs of the few shoes, one of the others."""

FEW = 60
SHORT = f"meta, {FEW} steps"
"""What optimisers, K and weights are compared with: SGD, K = 16, weight 1."""

BETTER = "meta, neighbours of Lite2 at 224"
"""A larger network at a larger side says who is near whom."""

SEEDS = (0, 1, 2)
CUTS = (1, 10)


@dataclass(frozen=True)
class Entry:
    """One line of the grid: a recipe with changes, trained once a seed."""

    part: str
    data: str
    name: str
    recipe: str
    changes: tuple[str, ...] = ()
    steps: int | None = None

    def overrides(self, seed: int) -> list[str]:
        """What differs from the recipe."""
        steps = self.steps or STEPS[self.data]
        size = ["canvas_size=64", "resize=75", f"steps={steps}", f"validate_every={steps}"]
        return [f"sets=[{self.data}]", *size, *self.changes, f"seed={seed}"]

    def config(self, seed: int) -> TopologyConfig:
        """The recipe of one run."""
        return read_recipe(RECIPES / f"{self.recipe}.yaml", TopologyConfig, self.overrides(seed))

    def folder(self, runs: Path, seed: int) -> Path:
        """Where one run lies."""
        data = "" if self.data == "shoes" else f"{self.data}-"
        name = self.name.replace(", ", "-").replace(" ", "")
        return runs / f"{data}{name}-{seed}"


# The trial step stays the paper's whatever the optimiser. AdamW without decay would be Adam.
ADAM = ("learning_rate=1.0e-4", "inner_rate=1.0e-3")
METHODS = ("triplet", "multi_task", "meta", "meta_unpaired")
# Emoji have no undrawn photos.
GRID = (
    *(Entry("methods", "shoes", name, name) for name in METHODS[:3]),
    *(Entry("emoji", "emoji", name, name) for name in METHODS[:3]),
    *(Entry("sketchy-mini", "sketchy-mini", name, name) for name in METHODS),
    Entry("optimisers", "shoes", SHORT, "meta", steps=FEW),
    *(
        Entry(part, "shoes", f"{SHORT}, {name}", recipe, changes, FEW)
        for part, name, recipe, changes in (
            ("optimisers", "Adam", "meta", ("optimiser=adam", *ADAM)),
            ("optimisers", "AdamW", "meta", ("optimiser=adamw", *ADAM, "weight_decay=0.01")),
            ("optimisers", "undrawn photos too", "meta_unpaired", ()),
            ("choices", "K = 1", "meta", ("pairs=1",)),
            ("choices", "K = 4", "meta", ("pairs=4",)),
            ("choices", "K = all", "meta", ("pairs=0",)),
            ("choices", "weight 0.3", "meta", ("topology_weight=0.3",)),
            ("choices", "weight 3", "meta", ("topology_weight=3.0",)),
        )
    ),
    Entry("undrawn", "shoes", "meta_unpaired", "meta_unpaired"),
    Entry(
        "reference",
        "shoes",
        BETTER,
        "meta",
        ("reference=tf_efficientnet_lite2", "reference_size=224"),
    ),
)
COMPARED = (
    ("multi_task", "triplet"),
    ("meta", "triplet"),
    ("meta", "multi_task"),
    ("meta_unpaired", "meta"),
    (BETTER, "meta"),
    (BETTER, "triplet"),
    *((entry.name, SHORT) for entry in GRID if entry.steps and entry.name != SHORT),
)
PARTS = (
    "methods",
    "emoji",
    "students",
    "optimisers",
    "sketchy-mini",
    "choices",
    "undrawn",
    "reference",
)
TEACHERS = ("triplet", "meta")


def main() -> None:
    """Train and measure every run of the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "topology")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    arguments = parser.parse_args()
    parts = arguments.part or PARTS
    for part in parts:
        for seed in SEEDS:
            for entry in GRID:
                if entry.part == part:
                    finish(entry, seed, arguments.runs)
                    write_report(arguments.runs)
            for teacher in TEACHERS if part == "students" else ():
                teach(teacher, seed, arguments.runs)
                write_report(arguments.runs)


def finish(entry: Entry, seed: int, runs: Path) -> None:
    """Train and measure a run, where that has not been done."""
    config, run = entry.config(seed), entry.folder(runs, seed)
    if is_measured(config, run):
        return
    (run / MEASURED).unlink(missing_ok=True)
    if not is_trained(config, run):
        fit(config, run)
    network = create_network(dataclasses.replace(config, weights=None))
    network.load_state_dict(read_averaged(run))
    (run / MEASURED).write_text(json.dumps(measure(config, network)), encoding="utf-8")


def fit(config: TopologyConfig, run: Path) -> None:
    """Train, going on where a run of this recipe was stopped."""
    same = (run / RECIPE).is_file() and read_recipe(run / RECIPE, TopologyConfig) == config
    sets, features, absent = train.load(config, CACHE, silent)
    # Validation of sketchy-mini embeds 2,750 photos.
    measured = config.sets == ("shoes",)
    train.fit(config, run, sets, features, absent, resume=same, measured=measured)


def is_trained(config: Any, run: Path) -> bool:  # noqa: ANN401
    """Whether a run is of this recipe and at its end."""
    if not (run / CHECKPOINT).is_file():
        return False
    same = read_recipe(run / RECIPE, type(config)) == config
    return same and read_step(run / CHECKPOINT) >= config.last_step


def is_measured(config: TopologyConfig, run: Path) -> bool:
    """Whether the test figures of a run of this recipe are there; they come last."""
    return (run / MEASURED).is_file() and read_recipe(run / RECIPE, TopologyConfig) == config


def measure(config: TopologyConfig, network: PooledNet) -> dict[str, Any]:
    """The rank of each test query's photo, and the topology that is left among test photos.

    Ranks are by the distance that is trained, and by the cosine, as an exported model would
    search.
    """
    (packed,) = load_sets(config.sets, CACHE, photo_size=config.photo_size)
    absent = held_back(config.sets)
    size, embed = config.canvas_size, train.bytes_embedder(network.eval())
    tasks = make_tasks([packed.pairs], "test", absent)[:1]
    ((task, queries, gallery),) = embed_tasks(embed, size, size, [packed], tasks)
    found = {
        "distance": train.squared_distances(queries, gallery),
        "cosine": train.squared_distances(unit(queries), unit(gallery)),
    }
    return {
        "task": task.name,
        "photos": float(task.allowed.sum(1).mean()),
        "clusters": task.clusters.tolist(),
        "topology": measure_topology(config, packed, task.gallery, gallery),
        **{
            by: ranks(np.where(task.allowed, d, np.inf), task.relevant).tolist()
            for by, d in found.items()
        },
    }


def measure_topology(
    config: TopologyConfig, packed: PackedSet, photos: np.ndarray, rows: np.ndarray
) -> float:
    """Share of triplets of drawn test photos that are ordered as in the frozen space."""
    chosen = train.drawn_photos(packed, "test", held_back(config.sets))
    reference = photo_distances(train.load_reference(config, packed, CACHE))
    return triplet_agreement(
        reference[np.ix_(chosen, chosen)],
        photo_distances(rows[np.searchsorted(photos, chosen)]),
        np.arange(len(chosen)),
    )


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def teach(teacher: str, seed: int, runs: Path) -> None:
    """Train a student (V1) of one run of the shoes, and its canvas selector (V2)."""
    changes = [f"teachers=[{runs / f'{teacher}-{seed}'}]", f"seed={seed}"]
    config = read_recipe(RECIPES / "student.yaml", StudentConfig, changes)
    student = runs / f"student-{teacher}-{seed}"
    if not is_trained(config, student):
        find_system("sketchynet").train(config, student, cache=CACHE)
    run = runs / f"selector-{teacher}-{seed}"
    if not (run / FRONTIER).is_file():
        changes = [f"student={student}", f"selector.seed={seed}"]
        selector = read_recipe(RECIPES / "selector.yaml", SelectorRunConfig, changes)
        find_system("sketchynet_selector").train(selector, run, cache=CACHE)


def write_report(runs: Path) -> None:
    """Everything that is finished, and what can be said of it."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    rows = []
    for entry in GRID:
        for seed in SEEDS:
            run = entry.folder(runs, seed)
            if is_measured(entry.config(seed), run):
                test = {"seed": seed, **json.loads((run / MEASURED).read_text())}
                found.setdefault((entry.data, entry.name), []).append(test)
                rows.append(describe_run(entry, seed, run, test))
    report = {
        "command": "python benchmarks/photo_topology.py",
        "steps": STEPS,
        "untrained": {data: measure_untrained(data, runs) for data, _ in found},
        "summary": [summarise(*key, tests) for key, tests in found.items()],
        "differences": [
            compare(data, name, other, found[data, name], found[data, other])
            for data in STEPS
            for name, other in COMPARED
            if (data, name) in found and (data, other) in found
        ],
        "students": list_students(runs),
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure_untrained(data: str, runs: Path) -> dict[str, Any]:
    """The start weights, which all methods share."""
    path = runs / f"untrained-{data}.json"
    if not path.is_file():
        config = Entry("", data, "untrained", "triplet").config(0)
        path.write_text(json.dumps(measure(config, create_network(config))), encoding="utf-8")
    test = json.loads(path.read_text(encoding="utf-8"))
    queries = len(test["clusters"])
    size = {"task": test["task"], "queries": queries, "photos": test["photos"]}
    return {**size, "topology": test["topology"], **shares_found(test)}


def shares_found(test: dict[str, Any]) -> dict[str, float]:
    """acc@k of one run by both distances."""
    return {
        f"acc@{k}{suffix}": float(np.mean(np.array(test[by]) <= k))
        for by, suffix in (("distance", ""), ("cosine", " by cosine"))
        for k in CUTS
    }


def describe_run(entry: Entry, seed: int, run: Path, test: dict[str, Any]) -> dict[str, Any]:
    """Validation and test figures of one run."""
    path = run / VALIDATION
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {
        "part": entry.part,
        "set": entry.data,
        "name": entry.name,
        "seed": seed,
        "recipe": entry.recipe,
        "changes": entry.overrides(seed),
        "before": json.loads(lines[0]) if lines else None,
        "val": json.loads(lines[-1]) if lines else None,
        "test": {**shares_found(test), "topology": test["topology"]},
    }


def summarise(data: str, name: str, tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean over seeds and how far they lie apart; the interval is over queries of all seeds."""
    single = [{**shares_found(test), "topology": test["topology"]} for test in tests]
    figures = {}
    for metric in single[0]:
        values = np.array([figures[metric] for figures in single])
        figures[metric] = {
            "mean": values.mean(),
            "deviation": values.std(ddof=1) if len(values) > 1 else None,
            "lowest": values.min(),
            "highest": values.max(),
        }
    for k in CUTS:
        hits = np.mean([np.array(test["distance"]) <= k for test in tests], axis=0)
        figures[f"acc@{k}"]["interval"] = interval_of(hits, tests[0]["clusters"])
    return {"set": data, "name": name, "seeds": [t["seed"] for t in tests], "figures": figures}


def compare(
    data: str,
    name: str,
    other: str,
    first: Sequence[dict[str, Any]],
    second: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """How much more the first finds, by the same queries and the same seeds."""
    both = [(a, b) for a in first for b in second if a["seed"] == b["seed"]]
    row: dict[str, Any] = {"set": data, "name": name, "minus": other, "seeds": len(both)}
    for k in CUTS if both else ():
        gains = [
            (np.array(a["distance"]) <= k).astype(float) - (np.array(b["distance"]) <= k)
            for a, b in both
        ]
        row[f"acc@{k}"] = {
            **interval_of(np.mean(gains, axis=0), both[0][0]["clusters"]),
            "by seed": [float(g.mean()) for g in gains],
        }
    row["topology"] = [a["topology"] - b["topology"] for a, b in both]
    return row


def interval_of(values: np.ndarray, clusters: Sequence[int]) -> dict[str, float]:
    """Bootstrap over photos, whose sketches succeed and fail together."""
    generator = np.random.default_rng(0)
    found = bootstrap_interval(values, generator=generator, clusters=list(clusters))
    return dataclasses.asdict(found)


def list_students(runs: Path) -> list[dict[str, Any]]:
    """Last validation of the students that are trained."""
    rows = []
    for teacher in TEACHERS:
        for seed in SEEDS:
            path = runs / f"student-{teacher}-{seed}" / VALIDATION
            if path.is_file():
                val = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
                selector = read_selector(runs / f"selector-{teacher}-{seed}" / FRONTIER)
                rows.append({"teacher": teacher, "seed": seed, "val": val, "selector": selector})
    return rows


def read_selector(path: Path) -> dict[str, Any] | None:
    """The chosen selector beside the largest canvas, on validation; none before it is trained."""
    if not path.is_file():
        return None
    frontier = json.loads(path.read_text(encoding="utf-8"))
    chosen = frontier["selectors"][str(frontier["chosen"])]["val"]
    figures = ("acc_at_1", "cost")
    return {
        "compute_weight": frontier["chosen"],
        "largest canvas": {key: frontier["fixed"][-1][key] for key in figures},
        "selector": {key: chosen[key] for key in (*figures, "shares")},
    }


if __name__ == "__main__":
    main()
