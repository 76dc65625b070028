"""Does keeping who is near whom help retrieval? Methods, optimisers and seeds, on the shoes.

Run: python benchmarks/photo_topology.py [--runs runs/topology] [--part methods]
Trains what is not trained yet (a few minutes a run on one core; it may be stopped and started
again), then writes benchmarks/results/photo_topology.json. Test figures are of the last step;
nothing is chosen by them.
"""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import torch

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import ranks
from inkseek.metrics.topology import triplet_agreement
from inkseek.report.evaluation import embed_tasks
from inkseek.systems.photo_topology.config import TopologyConfig
from inkseek.systems.photo_topology.module import PooledNet, create_network
from inkseek.systems.photo_topology.neighbours import photo_distances
from inkseek.systems.photo_topology.train import bytes_embedder, load_reference
from inkseek.systems.registry import find_system
from inkseek.training.loop import CHECKPOINT, VALIDATION
from inkseek.training.recipe import read_recipe

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "photo_topology"
CACHE = ROOT / "cache"
SMALL = ["canvas_size=64", "resize=75", "steps=300", "validate_every=300"]
"""Changes to the recipes that make a run take minutes on one core."""

METHODS = ("triplet", "multi_task", "meta", "meta_unpaired")
PARTS: dict[str, list[tuple[str, str, list[str]]]] = {
    "methods": [(name, name, []) for name in METHODS],
    "optimisers": [
        (f"meta, {name}", "meta", [f"optimiser={name}", f"learning_rate={rate}"])
        for name, rate in (("adam", 1e-4), ("adamw", 1e-4))
    ],
    "pairs": [(f"meta, K = {k or 'all'}", "meta", [f"pairs={k}"]) for k in (1, 4, 0)],
    "weights": [(f"meta, weight {w}", "meta", [f"topology_weight={w}"]) for w in (0.3, 3.0)],
}
SEEDS = (0, 1, 2)


def main() -> None:
    """Train and measure every run of the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "topology")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: methods")
    arguments = parser.parse_args()
    path = ROOT / "benchmarks" / "results" / "photo_topology.json"
    rows = json.loads(path.read_text())["rows"] if path.is_file() else []
    for part in arguments.part or ["methods"]:
        for name, recipe, changes in PARTS[part]:
            for seed in SEEDS:
                if any((row["name"], row["seed"]) == (name, seed) for row in rows):
                    continue
                overrides = [*SMALL, *changes, f"seed={seed}"]
                config = read_recipe(RECIPES / f"{recipe}.yaml", TopologyConfig, overrides)
                run = arguments.runs / f"{name.replace(', ', '-').replace(' ', '')}-{seed}"
                find_system("photo_topology").train(config, run, cache=CACHE, resume=True)
                row = {"name": name, "seed": seed, "recipe": recipe, "changes": overrides}
                rows.append({**row, **measure(config, run)})
                print(json.dumps(rows[-1]), flush=True)
                report = {"command": "python benchmarks/photo_topology.py", "rows": rows}
                path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure(config: TopologyConfig, run: Path) -> dict[str, object]:
    """Validation and test figures of a finished run."""
    network = create_network(dataclasses.replace(config, weights=None))
    state = torch.load(run / CHECKPOINT, map_location="cpu", weights_only=True)["state_dict"]
    network.load_state_dict({k.removeprefix("network."): v for k, v in state.items()})
    (packed,) = load_sets(config.sets, CACHE, photo_size=config.photo_size)
    lines = (run / VALIDATION).read_text(encoding="utf-8").splitlines()
    return {
        "before": json.loads(lines[0]),
        "val": json.loads(lines[-1]),
        "test": measure_test(config, network.eval(), packed),
    }


def measure_test(
    config: TopologyConfig, network: PooledNet, packed: PackedSet
) -> dict[str, object]:
    """acc@1 and acc@10 on test sketches; the topology that is left among test photos."""
    size, embed = config.canvas_size, bytes_embedder(network)
    (task, *_) = make_tasks([packed.pairs], "test", held_back(config.sets))
    ((_, queries, gallery),) = embed_tasks(embed, size, size, [packed], [task])
    # These rows have no unit length, so not the cosine of `report.retrieval`.
    distances = np.linalg.norm(queries[:, None] - gallery[None], axis=2)
    position = ranks(distances, task.relevant)
    found: dict[str, object] = {}
    for k in (1, 10):
        interval = bootstrap_interval(
            (position <= k).astype(np.float64),
            generator=np.random.default_rng(0),
            clusters=task.clusters.tolist(),
        )
        found[f"acc@{k}"] = dataclasses.asdict(interval)
    chosen = task.gallery
    reference = photo_distances(load_reference(config, packed, CACHE))
    found["topology"] = triplet_agreement(
        reference[np.ix_(chosen, chosen)], photo_distances(gallery), np.arange(len(chosen))
    )
    return found


if __name__ == "__main__":
    main()
