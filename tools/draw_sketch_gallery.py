"""Draw what a SketchGloc model does with test sketches, and the way between two of them.

Run: python tools/draw_sketch_gallery.py runs/sketchgloc-five
writes tidy.png and interpolation.png into docs/images. The sketches are the first of each category
in the order of the files that have some strokes to move, so none is picked for its looks.
"""

import argparse
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
    options = parser.parse_args()
    model = open_model(options.model)
    sketches = choose(model, options.split)
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
    generator = np.random.default_rng(0)
    rows = []
    for name, sketch in sketches.items():
        strokes = tuple(disturb(sketch.strokes, STRENGTH, generator=generator))
        moved = replace(sketch, strokes=strokes)
        rows.append(
            [
                Cell(sketch, name, is_given=True),
                Cell(moved, "strokes misplaced", is_given=True),
                Cell(tidy(model, moved), "tidied"),
                Cell(reorganise(model, moved), "drawn anew"),
            ]
        )
    return draw_sheet(rows, side=130)


def save(picture: Image.Image, path: Path) -> None:
    """A few greys and one accent need few colours."""
    picture.quantize(COLOURS).save(path, format="PNG", optimize=True)


if __name__ == "__main__":
    main()
