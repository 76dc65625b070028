"""Do the patches that a sketch is matched with lie on the thing it shows? The pointing game.

Run: python benchmarks/pointing.py [RUN]    writes benchmarks/results/pointing.json.
65 drawn photos of sketchy-mini, three of each unseen category (one was left out, in which a
camouflaged starfish could not be made out), with the first two sketches of each. The box was
drawn by eye on a grid of sixteenths (pointing_boxes.tsv) before any match of these photos had been
looked at. A point counts as a hit when it lies in the box (Zhang et al. 2018, section 4.2); a
figure is the mean share of hits of a sketch. Nothing is chosen by it.
"""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from inkseek.data.pack import PackedSet
from inkseek.data.sets import load_sets
from inkseek.encoder import Encoder
from inkseek.explain.correspond import Box, Correspondence, grid_boxes, match_places
from inkseek.explain.match import Explanation, explain_match
from inkseek.explain.picture import COLOURS, find_place
from inkseek.metrics.interval import bootstrap_interval
from inkseek.raster.draw import draw
from inkseek.strokes.sketch import Sketch
from inkseek.systems.zse.correspond import match_tokens
from inkseek.systems.zse.encode import encode_photos, encode_sketches
from inkseek.systems.zse.explain import explain_pair
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.trained import load_run

ROOT = Path(__file__).parents[1]
SKETCHES = 2

Points = Sequence[tuple[float, float]]
Point = Callable[[Sketch, np.ndarray, Sketch], Points]
"""Sketch, photo and the sketch of another category to points of the photo, as shares."""


@dataclass(frozen=True)
class Case:
    """A sketch, the photo it was drawn from, the thing's box, a sketch of another category."""

    sketch: Sketch
    photo: np.ndarray
    box: Box
    other: Sketch
    cluster: int


def main() -> None:
    """Measure and write."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "zse-small-second"
    config, network = load_run(run)
    torch.manual_seed(config.seed)
    untrained = ZseNetwork(config.network).eval()
    shipped = Encoder.load("default", precision="fp32", num_threads=0)
    cases = read_cases()
    rows = []
    for name, point in {
        "any place (chance)": lambda *_: centres(grid_boxes(4, 4)),
        "the middle of the photo": lambda *_: [(0.5, 0.5)],
        "the patch's own place": lambda s, p, _: [_centre(c.sketch) for c in meet(network, s, p)],
        "shipped: patches": lambda s, p, _: targets(match_places(shipped, s, p)),
        "shipped: strokes": lambda s, p, _: rings(explain_match(shipped, s, p)),
        "shipped: lightest place": lambda s, p, _: lightest(explain_match(shipped, s, p)),
        "start weights: patches": lambda s, p, _: targets(meet(untrained, s, p)),
        "zse: patches": lambda s, p, _: targets(meet(network, s, p)),
        "zse: mutual patches": lambda s, p, _: targets(
            [c for c in meet(network, s, p) if c.mutual]
        ),
        "zse: patches, another's sketch": lambda _, p, other: targets(meet(network, other, p)),
        "zse: strokes": lambda s, p, _: rings(explain_pair(network, s, p).match),
        "zse: lightest place": lambda s, p, _: lightest(explain_pair(network, s, p).match),
    }.items():
        rows.append({"points": name, **measure(point, cases)})
        print(f"{name:32} {rows[-1]['mean']:.3f} [{rows[-1]['low']:.3f}, {rows[-1]['high']:.3f}]")
    areas = [(c.box[2] - c.box[0]) * (c.box[3] - c.box[1]) for c in cases]
    report = {
        "command": "python benchmarks/pointing.py",
        "recipe": f"{config.name}, seed {config.seed}",
        "shipped model": shipped.digest,
        "photos": len({c.cluster for c in cases}),
        "sketches": len(cases),
        "mean share of a photo in its box": float(np.mean(areas)),
        "rows": rows,
    }
    path = ROOT / "benchmarks" / "results" / "pointing.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def read_cases() -> list[Case]:
    """Each boxed photo with its first sketches, and one of the category boxed next."""
    (packed,) = load_sets(["sketchy-mini"], ROOT / "cache", photo_size=144)
    with (ROOT / "benchmarks" / "pointing_boxes.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    boxed = [(row, _sketches_of(packed, row["category"], row["photo"])) for row in rows]
    cases = []
    for i, (row, (photo, sketches)) in enumerate(boxed):
        others = [o for r, o in boxed[i:] + boxed[:i] if r["category"] != row["category"]]
        left, top, right, bottom = (float(row[side]) for side in ("left", "top", "right", "bottom"))
        for n, sketch in enumerate(sketches[:SKETCHES]):
            other = packed.sketches[others[0][1][n % len(others[0][1])]]
            box = (left, top, right, bottom)
            cases.append(Case(packed.sketches[sketch], packed.photos[photo], box, other, photo))
    return cases


def _sketches_of(packed: PackedSet, category: str, name: str) -> tuple[int, list[int]]:
    """The number of a photo and those of its sketches."""
    (photo,) = [
        i
        for i, p in enumerate(packed.pairs.photos)
        if (p.category, p.path.stem) == (category, name)
    ]
    return photo, [i for i, q in enumerate(packed.pairs.sketches) if q.photo == photo]


def measure(point: Point, cases: Sequence[Case]) -> dict[str, float]:
    """Mean share of hits; sketches that point nowhere do not count."""
    shares, clusters, counts = [], [], []
    for case in cases:
        points = point(case.sketch, case.photo, case.other)
        if len(points):
            shares.append(np.mean([_is_inside(case.box, *p) for p in points]))
            clusters.append(case.cluster)
            counts.append(len(points))
    interval = bootstrap_interval(
        np.array(shares), generator=np.random.default_rng(0), clusters=clusters
    )
    figures = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    return {**figures, "sketches": len(shares), "points of a sketch": float(np.mean(counts))}


def meet(network: ZseNetwork, sketch: Sketch, photo: np.ndarray) -> list[Correspondence]:
    """Correspondences by ZSE."""
    ink = draw(sketch, network.config.image_size)
    return match_tokens(
        network, encode_sketches(network, [sketch]), encode_photos(network, [photo]), ink=ink
    )


def targets(found: Sequence[Correspondence]) -> Points:
    """Where in the photo."""
    return centres([c.photo for c in found])


def rings(found: Explanation) -> Points:
    """The places that the picture rings: of the strokes that add most."""
    ranked = np.argsort(-found.strokes)[: len(COLOURS)]
    return [find_place(found.meetings[t]) for t in ranked if found.strokes[t] > 0]


def lightest(found: Explanation) -> Points:
    """The place that brings most to the whole similarity."""
    rows, columns = found.photo.shape
    return centres([grid_boxes(rows, columns)[int(found.photo.argmax())]])


def centres(boxes: Sequence[Box]) -> Points:
    """Their middles."""
    return [_centre(box) for box in boxes]


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _is_inside(box: Box, across: float, down: float) -> bool:
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


if __name__ == "__main__":
    main()
