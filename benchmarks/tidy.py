"""Does `inkseek tidy` put misplaced strokes right, and does a search gain by it?

Run: python benchmarks/tidy.py runs/sketchgloc-five    writes benchmarks/results/tidy.json.
Strokes of the test sketches are moved as in training, by 10 % and 30 % of the longer side, and
tidied; at 0 % nothing was wrong, so what moves is harm. Sketches of one stroke have nothing to move
and are left out. Emoji, whose categories the model does not know, are searched for by drawings that
were moved and tidied in the same way.

`--split val` prints the same on the validation split and writes nothing: choose there.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from inkseek.data.pairs import Split, split_by_digest
from inkseek.data.sequences import load_recipe_sequences, normalise
from inkseek.data.sets import data_root, held_back, load_sets
from inkseek.data.tasks import make_tasks
from inkseek.encoder import Encoder
from inkseek.metrics.generation import are_recognised, retrieval_ranks, stroke_displacement
from inkseek.metrics.interval import bootstrap_interval
from inkseek.metrics.ranking import precisions_at_k, ranks
from inkseek.report.evaluation import evaluate, onnx_embedder
from inkseek.strokes.sketch import Sketch
from inkseek.systems.recogniser.trained import load_recogniser, score
from inkseek.systems.sketchgloc.folder import open_model
from inkseek.systems.sketchgloc.redraw import disturb_all
from inkseek.systems.sketchgloc.reorganise import tidy
from inkseek.systems.sketchgloc.trained import TrainedModel, encode_strokes

ROOT = Path(__file__).parents[1]
STRENGTHS = (0.0, 0.1, 0.3)
DEPTHS = (1, 10, 50)
SEED = 0
PHOTO_SIZE = 144
"""At which photos are packed; the encoder reduces them to its own."""

Figures = dict[str, Any]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default=str(ROOT / "runs" / "sketchgloc-five"))
    parser.add_argument("--recogniser", type=Path, default=ROOT / "runs" / "recogniser-five")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--limit", type=int, help="Sketches, at random; all of them by default.")
    options = parser.parse_args()
    model = open_model(options.model)
    clean, category = load_sketches(model, options.split, options.limit)
    names = model.config.categories
    recogniser = load_recogniser(options.recogniser)
    encoder = Encoder.load("default")
    photos, photo_categories = embed_photos(encoder, options.split)
    originals = encode_strokes(model, to_sequences(model, clean))
    sketches = encoder.embed_sketches(clean)

    def judge(drawn: Sequence[Sketch]) -> Figures:
        """Everything that is measured on clean, displaced and tidied sketches alike."""
        found = retrieval_ranks(encode_strokes(model, to_sequences(model, drawn)), originals)
        embedded = encoder.embed_sketches(drawn)
        asked = np.array([names[c] for c in category])
        can_ask = np.isin(asked, photo_categories)
        relevant = asked[can_ask, None] == photo_categories[None, :]
        precision = precisions_at_k(-embedded[can_ask] @ photos.T, relevant, k=1)
        own = ranks(-embedded @ sketches.T, np.eye(len(drawn), dtype=bool))
        return {
            "rec": figure(are_recognised(score(recogniser, drawn), category)),
            **{f"ret@{k}": figure(found <= k) for k in DEPTHS},
            "photos P@1": figure(precision),
            "sketches acc@1": figure(own == 1),
        }

    rows = [{"sketches": "clean", "strength": 0.0, **judge(clean)}]
    for strength in STRENGTHS:
        moved = displace(clean, strength)
        tidied = [tidy(model, sketch) for sketch in moved]
        for name, drawn in (("displaced", moved), ("tidied", tidied)):
            shares, units = measure_displacement(drawn, clean)
            rows.append(
                {
                    "sketches": name,
                    "strength": strength,
                    "displacement": figure(shares),
                    "displacement in canvas units": figure(units),
                    **judge(drawn),
                }
            )
    for row in rows:
        show(row)
    report = {
        "command": "python benchmarks/tidy.py",
        "model": model.config.name,
        "steps": model.steps,
        "seed": model.config.seed,
        "encoder": encoder.digest,
        "data": f"{model.config.source}: {', '.join(names)}; {options.split} split",
        "sketches": len(clean),
        "photos": {
            "number": len(photos),
            "categories asked for": sorted({*names} & {*photo_categories.tolist()}),
        },
        "rows": rows,
        "emoji": measure_emoji(model, encoder, options.split),
    }
    print(json.dumps(report["emoji"], indent=1))
    if options.split == "test":
        path = ROOT / "benchmarks" / "results" / "tidy.json"
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure_emoji(model: TrainedModel, encoder: Encoder, split: Split) -> list[Figures]:
    """How often each drawing's own emoji is found among all of the split."""
    sets = load_sets(("emoji",), ROOT / "cache", photo_size=PHOTO_SIZE)
    tasks = make_tasks([s.pairs for s in sets], split, held_back(("emoji",)))

    def search(prepare: Callable[[Sequence[Sketch]], Sequence[Sketch]]) -> Figures:
        found = evaluate(
            onnx_embedder(encoder),
            max(encoder.card.canvas_sizes),
            encoder.card.photo_size,
            sets,
            tasks,
            embed_sketches=lambda sketches: encoder.embed_sketches(prepare(sketches)),
        )
        return {f.metric: {**asdict(f.interval), "queries": f.num_queries} for f in found}

    def tidy_all(sketches: Sequence[Sketch]) -> list[Sketch]:
        return [tidy(model, sketch) for sketch in sketches]

    ways: dict[str, Callable[[Sequence[Sketch]], Sequence[Sketch]]] = {
        "clean": lambda sketches: sketches,
        "clean, tidied": tidy_all,
        "displaced": lambda sketches: displace(sketches, STRENGTHS[-1]),
        "displaced, tidied": lambda sketches: tidy_all(displace(sketches, STRENGTHS[-1])),
    }
    return [{"sketches": name, **search(prepare)} for name, prepare in ways.items()]


def load_sketches(
    model: TrainedModel, split: Split, limit: int | None
) -> tuple[list[Sketch], np.ndarray]:
    """Clean sketches of a split that have something to move, and their categories."""
    config = model.config
    sequences = load_recipe_sequences(config, ROOT / "cache")
    rows = [int(i) for i in sequences.rows(split) if len(sequences.sketches[int(i)].strokes) > 1]
    rows = np.random.default_rng(SEED).permutation(rows)[:limit].tolist()
    return [sequences.sketches[i] for i in rows], sequences.category[rows]


def displace(clean: Sequence[Sketch], strength: float) -> list[Sketch]:
    """Every stroke but the first moved at random."""
    moved = disturb_all([sketch.strokes for sketch in clean], strength, seed=SEED)
    return [replace(s, strokes=tuple(strokes)) for s, strokes in zip(clean, moved, strict=True)]


def to_sequences(model: TrainedModel, sketches: Sequence[Sketch]) -> list[list[np.ndarray]]:
    """Strokes as the encoder reads them."""
    return [normalise(sketch, model.scale) for sketch in sketches]


def measure_displacement(
    drawn: Sequence[Sketch], clean: Sequence[Sketch]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean displacement of the strokes of each sketch: share of its longer side, canvas units."""
    pairs = list(zip(drawn, clean, strict=True))
    shares = np.array([stroke_displacement(a.strokes, b.strokes) for a, b in pairs])
    extents = np.array([np.ptp(np.concatenate(sketch.strokes), axis=0).max() for sketch in clean])
    return shares, shares * extents


def embed_photos(encoder: Encoder, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Photos of a split in all categories that have any, and their categories."""
    root = data_root() / "quickdraw" / "photo"
    paths = [path for path in sorted(root.glob("*/*")) if split_by_digest(path.name) == split]
    return encoder.embed_photos(paths), np.array([path.parent.name for path in paths])


def figure(values: np.ndarray) -> dict[str, float]:
    """A mean with its 95 % bootstrap interval."""
    interval = bootstrap_interval(values, generator=np.random.default_rng(0))
    low, mean, high = (round(v, 4) for v in (interval.low, interval.mean, interval.high))
    return {"mean": mean, "low": low, "high": high, "queries": len(values)}


def show(row: Figures) -> None:
    """Print a row."""
    values = [
        f"{key} {value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
        for key, value in row.items()
        if isinstance(value, dict)
    ]
    print(f"{row['sketches']:10} {row['strength']:.1f}  " + "  ".join(values), flush=True)


if __name__ == "__main__":
    main()
