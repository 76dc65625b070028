"""Are the drawings that the page suggests recognised as what is being drawn?

Run: python benchmarks/suggest.py
writes benchmarks/results/suggest.json. Four drawings are made in place of every test sketch of
`recipes/sketchgloc/five.yaml`, whole and with the first half of its strokes alone: as
`systems/sketchgloc/suggest.py` chooses them, and as variations of the sketch's own code, which is
what `inkseek generate` draws. A Sketch-a-Net names the category of each.

`--split val` prints the same on the validation split and writes nothing: choose there.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inkseek.data.sequences import SequenceSet, load_recipe_sequences
from inkseek.metrics.generation import are_recognised
from inkseek.metrics.interval import bootstrap_interval
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.trained import Recogniser, load_recogniser, score
from inkseek.systems.sketchgloc.folder import open_model
from inkseek.systems.sketchgloc.reorganise import generate_several
from inkseek.systems.sketchgloc.suggest import suggest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "suggest.json"
COUNT = 4
SEED = 0
Way = Callable[[Sketch], list[Sketch]]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tidy", help="Run or folder, or a shipped model.")
    parser.add_argument("--recogniser", type=Path, default=ROOT / "runs" / "recogniser-five")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = open_model(options.model)
    sequences: SequenceSet = load_recipe_sequences(model.config, ROOT / "cache")
    rows = sequences.rows(options.split)
    whole = [sequences.sketches[int(i)] for i in rows]
    ways: dict[str, Way] = {
        "variations": lambda sketch: generate_several(model, sketch, COUNT, seed=SEED),
        "suggestions": lambda sketch: suggest(model, sketch, COUNT, seed=SEED),
    }
    judge = load_recogniser(options.recogniser)
    report = {
        "command": "python benchmarks/suggest.py",
        "model": options.model,
        "data": f"{model.config.source}: {', '.join(model.config.categories)}",
        "split": options.split,
        "sketches": len(whole),
        "count": COUNT,
        "seed": SEED,
        "rows": [
            {"given": given, "way": name, **measure(way, sketches, sequences.category[rows], judge)}
            for given, sketches in (("whole", whole), ("half", [halve(s) for s in whole]))
            for name, way in ways.items()
        ],
    }
    print(json.dumps(report, indent=1))
    if options.split == "test":
        RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def halve(sketch: Sketch) -> Sketch:
    """The first half of the strokes, rounded up."""
    return replace(sketch, strokes=sketch.strokes[: (len(sketch.strokes) + 1) // 2])


def measure(
    way: Way, sketches: list[Sketch], category: np.ndarray, judge: Recogniser
) -> dict[str, Any]:
    """The share of each sketch's drawings that is recognised, and whether any of them is."""
    drawn = [way(sketch) for sketch in sketches]
    counts = [len(each) for each in drawn]
    scores = score(judge, [sketch for each in drawn for sketch in each])
    hits = np.split(are_recognised(scores, np.repeat(category, counts)), np.cumsum(counts)[:-1])
    return {
        "recognised": interval([float(h.mean()) if len(h) else 0.0 for h in hits]),
        "any recognised": interval([float(h.any()) for h in hits]),
        "drawn": float(np.mean(counts)),
    }


def interval(values: list[float]) -> dict[str, float]:
    """A mean with its 95 % bootstrap interval over sketches."""
    return asdict(bootstrap_interval(np.array(values), generator=np.random.default_rng(0)))


if __name__ == "__main__":
    main()
