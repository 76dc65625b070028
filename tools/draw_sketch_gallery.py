"""Draw what a SketchGloc model does with test sketches, and the way between two of them.

Run: python tools/draw_sketch_gallery.py runs/sketchgloc-five
writes tidy.png and interpolation.png into docs/images. The sketches are the first of each category
in the order of the files that have some strokes to move, so none is picked for its looks. With
`--beside RUN ...` it writes peers.png instead: what each run draws anew from the same sketches.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from inkseek.data.sequences import SequenceSet, load_recipe_sequences
from inkseek.report.sheet import Cell, draw_sheet
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.disturb import disturb
from inkseek.systems.sketchgloc.folder import open_model
from inkseek.systems.sketchgloc.reorganise import interpolate, reorganise, tidy
from inkseek.systems.sketchgloc.trained import TrainedModel

ROOT = Path(__file__).parents[1]
STRENGTH = 0.3
FEWEST_STROKES = 4
STEPS = 6
COLOURS = 32


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default=str(ROOT / "runs" / "sketchgloc-five"))
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--beside", nargs="+", default=(), metavar="RUN")
    options = parser.parse_args()
    model = open_model(options.model)
    sketches = choose(model, options.split)
    if options.beside:
        others = [open_model(run) for run in options.beside]
        save(draw_peers([model, *others], sketches), options.out / "peers.png")
        return
    save(draw_stages(model, sketches), options.out / "tidy.png")
    first, last = list(sketches.values())[:2]
    cells = [
        Cell(first, "first", is_given=True),
        *(Cell(sketch) for sketch in interpolate(model, first, last, STEPS)),
        Cell(last, "last", is_given=True),
    ]
    save(draw_sheet([cells], side=100), options.out / "interpolation.png")


def choose(model: TrainedModel, split: str) -> dict[str, Sketch]:
    """A sketch of each category."""
    config = model.config
    sequences: SequenceSet = load_recipe_sequences(config, ROOT / "cache")
    chosen: dict[str, Sketch] = {}
    for i in sequences.rows("val" if split == "val" else "test"):
        sketch = sequences.sketches[int(i)]
        if len(sketch.strokes) >= FEWEST_STROKES:
            chosen.setdefault(config.categories[sequences.category[i]], sketch)
    return chosen


def draw_stages(model: TrainedModel, sketches: dict[str, Sketch]) -> Image.Image:
    """A row a sketch: as it was drawn, displaced, tidied, drawn anew."""
    rows = [
        [*given, Cell(tidy(model, moved), "tidied"), Cell(reorganise(model, moved), "drawn anew")]
        for given, moved in misplace(sketches)
    ]
    return draw_sheet(rows, side=130)


def draw_peers(models: Sequence[TrainedModel], sketches: dict[str, Sketch]) -> Image.Image:
    """A row a sketch: as it was drawn, displaced, drawn anew by each model."""
    rows = [
        [*given, *(Cell(reorganise(m, moved), m.config.name.split("-")[-1]) for m in models)]
        for given, moved in misplace(sketches)
    ]
    return draw_sheet(rows, side=110)


def misplace(sketches: dict[str, Sketch]) -> Iterator[tuple[list[Cell], Sketch]]:
    """Cells of each sketch as it was drawn and displaced, and the displaced one."""
    generator = np.random.default_rng(0)
    for name, sketch in sketches.items():
        strokes = tuple(disturb(sketch.strokes, STRENGTH, generator=generator))
        moved = replace(sketch, strokes=strokes)
        given = [Cell(sketch, name, is_given=True), Cell(moved, "misplaced", is_given=True)]
        yield given, moved


def save(picture: Image.Image, path: Path) -> None:
    """A few greys and one accent need few colours."""
    picture.quantize(COLOURS).save(path, format="PNG", optimize=True)


if __name__ == "__main__":
    main()
