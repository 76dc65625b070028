"""What the canvas selector needs: its reward taken apart, its network exchanged, three seeds.

Run: python benchmarks/selector.py [--runs runs]    after recipes/sketchynet/selector.yaml was
trained, whose measured student it uses; writes benchmarks/results/selector.json. All figures are
of validation sketches, as the counterpart of Table 3 of "Sketch Down the FLOPs".
"""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np

from inkseek.data.sets import load_sets
from inkseek.metrics.cost import count_macs
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.measured import measure_student
from inkseek.systems.sketchynet.selector_run import (
    FRONTIER,
    SelectorRunConfig,
    describe_selector,
)
from inkseek.systems.sketchynet.student import create_student
from inkseek.systems.sketchynet.train_selector import (
    SelectorConfig,
    choose_canvases,
    judge_choices,
    train_selector,
)
from inkseek.training.recipe import RECIPE, read_recipe

ROOT = Path(__file__).parents[1]
SEEDS = (0, 1, 2)


def main() -> None:
    """Train every variant for every seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs")
    arguments = parser.parse_args()
    run = arguments.runs / "selector"
    config = read_recipe(run / RECIPE, SelectorRunConfig)
    kept = json.loads((run / FRONTIER).read_text(encoding="utf-8"))["chosen"]
    student = read_recipe(ROOT / config.student / RECIPE, StudentConfig)
    sets = load_sets(student.sets, ROOT / "cache", photo_size=student.photo_size)
    data = measure_student(
        ROOT / config.student,
        sets,
        ROOT / "cache",
        levels=config.levels,
        card=describe_selector(config, student, ()),
    )
    network = create_student(student, pretrained=False)
    costs = np.array([2e-9 * count_macs(network, side) for side in student.canvas_sizes])
    reward = dataclasses.replace(config.selector.reward, compute_weight=kept)
    rows = []
    for name, variant in make_variants(dataclasses.replace(config.selector, reward=reward)).items():
        choices = []
        for seed in SEEDS:
            seeded = dataclasses.replace(variant, seed=seed)
            trained = train_selector(data.train, data.val, costs, seeded)
            choices.append(choose_canvases(trained.selector, data.val.inputs))
            figures = judge_choices(choices[-1], data.val.outcomes, costs, reward)
            rows.append({"name": name, "seed": seed, **dataclasses.asdict(figures)})
            print(json.dumps(rows[-1]), flush=True)
        pairs = [(a, b) for i, a in enumerate(choices) for b in choices[:i]]
        agreement = float(np.mean([(a == b).mean() for a, b in pairs]))
        rows[-1]["agreement_between_seeds"] = agreement
    report = {
        "command": "python benchmarks/selector.py",
        "recipe": "recipes/sketchynet/selector.yaml",
        "compute_weight": kept,
        "split": "val",
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "selector.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def make_variants(whole: SelectorConfig) -> dict[str, SelectorConfig]:
    """The recipe's selector, and it with one thing taken away or exchanged."""

    def rewarded(**changes: object) -> SelectorConfig:
        return dataclasses.replace(whole, reward=dataclasses.replace(whole.reward, **changes))  # type: ignore[arg-type]

    return {
        "as the recipe": whole,
        "without the reward of the rank": rewarded(rank_weight=0.0),
        "without the triplet reward": rewarded(triplet_weight=0.0),
        "without the price of compute": rewarded(compute_weight=0.0),
        "Eq. 5 as printed": rewarded(compute_term="literal"),
        "Eq. 5 as a regulariser": rewarded(compute_term="regulariser"),
        "LSTM": dataclasses.replace(whole, kind="lstm"),
    }


if __name__ == "__main__":
    main()
