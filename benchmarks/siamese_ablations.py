"""What pseudo-sketches, and losses beyond the triplet's, bring the siamese encoder on validation.

Run: python benchmarks/siamese_ablations.py [--runs runs/ablations]
Trains what is not trained yet (a few minutes a run on one core; it may be stopped and started
again), then writes benchmarks/results/siamese_ablations.json. The test splits are not read.
"""

import argparse
import json
from pathlib import Path

from inkseek.systems.registry import find_system
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.training.loop import VALIDATION
from inkseek.training.recipe import read_recipe

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "recipes" / "siamese_wide.yaml"
SHORT = [
    "steps=150",
    "warmup=20",
    "validate_every=150",
    "canvas_size=96",
    "photo_canvas_size=96",
    "early_sizes=[]",
    "early_shares=[]",
    # Half of the group blocks are emoji: with one a batch, 150 steps would see too few shoes.
    "plan.groups=2",
    "held_back=[ape, bench, cat, deer, fan, hat, hourglass, lizard, piano, rabbit, saw, shark, "
    "squirrel, tiger, wine bottle]",
]
"""Changes to the recipe that all runs share: minutes on one core, and stand-ins for unseen."""

RUNS: dict[str, list[str]] = {
    "as the recipe": [],
    # As many rows: beside each drawn photo another drawn one, in place of a pseudo-sketched one.
    "no pseudo-sketches": ["plan.edge_rows=0", "plan.drawn_rows=2"],
    "triplet loss alone": [
        "triplet_weight=1",
        "instance_weight=0",
        "category_weight=0",
        "neighbourhood_weight=0",
    ],
}
SEEDS = (0, 1)


def main() -> None:
    """Train and note every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "ablations")
    arguments = parser.parse_args()
    path = ROOT / "benchmarks" / "results" / "siamese_ablations.json"
    rows = json.loads(path.read_text())["rows"] if path.is_file() else []
    for seed in SEEDS:
        for name, changes in RUNS.items():
            if any((row["name"], row["seed"]) == (name, seed) for row in rows):
                continue
            overrides = [*SHORT, *changes, f"seed={seed}"]
            config = read_recipe(RECIPE, SiameseConfig, overrides)
            run = arguments.runs / f"{name.replace(' ', '-')}-{seed}"
            find_system("siamese").train(config, run, cache=ROOT / "cache", resume=True)
            values = json.loads((run / VALIDATION).read_text(encoding="utf-8").splitlines()[-1])
            rows.append({"name": name, "seed": seed, "changes": changes, "val": values})
            print(json.dumps(rows[-1]), flush=True)
            report = {
                "command": "python benchmarks/siamese_ablations.py",
                "recipe": "recipes/siamese_wide.yaml",
                "shared": SHORT,
                "rows": rows,
            }
            path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
