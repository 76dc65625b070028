"""Does a model put misplaced strokes right, and is the sketch still the one that was meant?

Run: python benchmarks/sketchgloc.py runs/sketchgloc-five [RUN ...]
writes benchmarks/results/sketchgloc.json. Every run draws all test sketches anew from codes of the
sketches as they are (synthesis) and with strokes misplaced by 10 % and 30 % of the longer side
(reorganisation), the same for all runs. Rec: a Sketch-a-Net names the category. Ret@k: the code of
the drawing finds its own clean original among the k nearest. `real` and `corrupted input` are Rec's
ceiling and floor. Peers and ablations that no run is given for keep an empty row. Runs of ten
categories go with `--recipe recipes/sketchgloc/ten.yaml --recogniser runs/recogniser-ten`.

`--split val` prints the same on the validation split and writes nothing: choose there.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inkseek.data.pairs import Split
from inkseek.data.sequences import SequenceSet, load_recipe_sequences
from inkseek.errors import DatasetError
from inkseek.metrics.generation import are_recognised
from inkseek.metrics.interval import bootstrap_interval
from inkseek.systems.recogniser.trained import Recogniser, load_recogniser, score
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.redraw import disturb_all, redraw, to_sketches
from inkseek.systems.sketchgloc.trained import TrainedModel, load_model
from inkseek.training.recipe import read_recipe

ROOT = Path(__file__).parents[1]
FIVE = ROOT / "recipes" / "sketchgloc" / "five.yaml"
STRENGTHS = (0.0, 0.1, 0.3)
DEPTHS = (1, 10, 50)
SEED = 0
Hits = dict[float, dict[str, np.ndarray]]
"""By strength and metric: whether each sketch was recognised or found."""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", type=Path, help="Folders of finished runs.")
    parser.add_argument("--recipe", type=Path, default=FIVE, help="Whose sketches are measured.")
    parser.add_argument("--recogniser", type=Path, default=ROOT / "runs" / "recogniser-five")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--out", default="sketchgloc.json", help="In benchmarks/results.")
    parser.add_argument("--temperature", type=float, default=0.0, help="0 draws greedily.")
    options = parser.parse_args()
    recogniser = load_recogniser(options.recogniser)
    paths = list_recipes(options.recipe)
    recipes = [read_recipe(path, SketchGlocConfig) for path in paths]
    base = recipes[0]
    sequences = load_set(base, recogniser)
    given = recognise_given(sequences, recogniser, options.split)
    rows = describe_given(given)
    first: Hits = {}
    for run in options.runs:
        model = load_model(run)
        check_same_data(model, base, options.recipe, run)
        print(f"{run} ...", flush=True)
        hits = measure(model, sequences, recogniser, options.split, options.temperature)
        first = first or hits
        rows.append({**describe(model, hits, first, given), "steps": read_steps(run)})
    named = {row["model"] for row in rows}
    rows += [
        {"model": recipe.name, "recipe": str(path.resolve().relative_to(ROOT)), "cells": []}
        for path, recipe in zip(paths, recipes, strict=True)
        if recipe.name not in named
    ]
    report = {
        "command": shlex.join(["python", "benchmarks/sketchgloc.py", *sys.argv[1:]]),
        "recogniser": options.recogniser.name,
        "data": f"{base.source}: {', '.join(base.categories)}; {options.split} split",
        "sketches": len(sequences.rows(options.split)),
        "temperature": options.temperature,
        "rows": rows,
    }
    for row in rows:
        show(row)
    if options.split == "test":
        path = ROOT / "benchmarks" / "results" / options.out
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def list_recipes(first: Path) -> list[Path]:
    """SketchGloc's own recipe first, then peers and ablations, which are of five categories."""
    if first.resolve() != FIVE:
        return [first]
    others = [sorted((FIVE.parent / part).glob("*.yaml")) for part in ("peers", "ablations")]
    return [FIVE, *others[0], *others[1]]


def load_set(config: SketchGlocConfig, recogniser: Recogniser) -> SequenceSet:
    """The sketches that all rows share."""
    if recogniser.names != config.categories:
        raise DatasetError(
            f"the recogniser knows {recogniser.names}, but the sketches are {config.categories}"
        )
    return load_recipe_sequences(config, ROOT / "cache")


def check_same_data(model: TrainedModel, base: SketchGlocConfig, recipe: Path, run: Path) -> None:
    """Rows are compared, so they must be of the same sketches."""
    for key in ("source", "categories", "num_per_category", "max_seq_len"):
        if getattr(model.config, key) != getattr(base, key):
            raise DatasetError(f"{run} has another {key} than {recipe}")


def recognise_given(
    sequences: SequenceSet, recogniser: Recogniser, split: Split
) -> dict[float, np.ndarray]:
    """Ceiling and floor of Rec: which sketches are recognised that nobody drew anew."""
    rows = sequences.rows(split)
    clean = [sequences.strokes(int(i)) for i in rows]
    found = {}
    for strength in STRENGTHS:
        moved = to_sketches(disturb_all(clean, strength, seed=SEED))
        found[strength] = are_recognised(score(recogniser, moved), sequences.category[rows])
    return found


def describe_given(given: dict[float, np.ndarray]) -> list[dict[str, Any]]:
    """Two rows of the table."""
    cells = [{"strength": strength, "rec": figure(hits)} for strength, hits in given.items()]
    return [{"model": "real", "cells": cells[:1]}, {"model": "corrupted input", "cells": cells[1:]}]


def measure(
    model: TrainedModel,
    sequences: SequenceSet,
    recogniser: Recogniser,
    split: Split,
    temperature: float,
) -> Hits:
    """What a model does with each sketch, at each strength."""
    rows = sequences.rows(split)
    clean = [sequences.strokes(int(i)) for i in rows]
    hits: Hits = {}
    for strength in STRENGTHS:
        moved = disturb_all(clean, strength, seed=SEED)
        redrawn = redraw(model, moved, clean, temperature=temperature, seed=SEED)
        scores = score(recogniser, to_sketches(redrawn.strokes))
        hits[strength] = {
            "rec": are_recognised(scores, sequences.category[rows]),
            **{f"ret@{k}": redrawn.ranks <= k for k in DEPTHS},
            **{f"input ret@{k}": redrawn.input_ranks <= k for k in DEPTHS},
        }
    return hits


def describe(
    model: TrainedModel, hits: Hits, first: Hits, given: dict[float, np.ndarray]
) -> dict[str, Any]:
    """One row of the table.

    ``minus first`` compares sketch by sketch with the first run, ``rec minus input`` with what was
    put in.
    """
    cells = []
    for strength, found in hits.items():
        cell: dict[str, Any] = {"strength": strength}
        cell |= {metric: figure(values) for metric, values in found.items()}
        cell["rec minus input"] = figure(found["rec"].astype(float) - given[strength])
        if hits is not first:
            other = first[strength]
            cell["minus first"] = {
                metric: figure(values.astype(float) - other[metric])
                for metric, values in found.items()
            }
        cells.append(cell)
    return {
        "model": model.config.name,
        "trained at": model.config.re_scale,
        "seed": model.config.seed,
        "parameters": sum(p.numel() for p in model.network.parameters()),
        "cells": cells,
    }


def read_steps(run: Path) -> int:
    """Steps behind the weights that were measured."""
    return int(torch.load(run / "best.ckpt", map_location="cpu", weights_only=True)["global_step"])


def figure(values: np.ndarray) -> dict[str, float]:
    """A mean with its 95 % bootstrap interval."""
    interval = bootstrap_interval(values, generator=np.random.default_rng(0))
    return {
        "mean": round(interval.mean, 4),
        "low": round(interval.low, 4),
        "high": round(interval.high, 4),
    }


def show(row: dict[str, Any]) -> None:
    """Print a row, a line for each strength."""
    cells: Sequence[dict[str, Any]] = row["cells"]
    if not cells:
        print(f"{row['model']:32} not trained: {row['recipe']}")
    for cell in cells:
        values = [
            f"{key} {value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
            for key, value in cell.items()
            if key not in ("strength", "minus first")
        ]
        print(f"{row['model']:32} {cell['strength']:.1f}  " + "  ".join(values))


if __name__ == "__main__":
    main()
