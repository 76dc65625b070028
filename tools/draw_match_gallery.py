"""Draw matches taken apart, wins and losses: what strokes met, and the sketch made of patches.

Run: python tools/draw_match_gallery.py [--run runs/zse-small-second]
writes matches.jpg and patches.jpg into docs/images; for a run of ZSE matches-zse.jpg and
patches-zse.jpg. Validation drawings of Quick, Draw! (CC BY 4.0), three of each category that a
sample has the name of, ask for those samples (Fluent Emoji, MIT). Shown are the first wins and the
first losses by name, so none is picked for its looks: a win finds the sample of its name first.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkseek.assets import find_asset
from inkseek.data.sets import load_sets
from inkseek.encoder import Encoder
from inkseek.explain.correspond import Correspondence, match_places
from inkseek.explain.match import Explanation, explain_match
from inkseek.explain.picture import PAPER, draw_match
from inkseek.explain.synthesis import draw_synthesis
from inkseek.raster.photo import decode_photo
from inkseek.strokes.sketch import Sketch

ROOT = Path(__file__).parents[1]
OF_EACH = 6
DRAWINGS = 3
"""Of a category."""
COLUMNS = 3
WIDTH = 384
CAPTION = 26
INK, WON, LOST = (40, 40, 40), (30, 110, 60), (170, 50, 45)
QUALITY = 82

Photos = Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class Subject:
    """Who finds and explains."""

    search: Callable[[Sequence[Sketch], Photos], np.ndarray]
    explain: Callable[[Sketch, np.ndarray], tuple[Explanation, Sequence[Correspondence]]]


@dataclass(frozen=True, eq=False)
class Case:
    """A drawing, the photo found first, and the rank of the one of its name."""

    sketch: Sketch
    photo: np.ndarray
    drawn: str
    found: str
    rank: int

    @property
    def caption(self) -> str:
        """What was drawn and what was found."""
        if self.rank == 1:
            return f"{self.drawn}: found first"
        return f"{self.drawn}: found {self.found}, itself at {self.rank}"


def main() -> None:
    """Search, choose, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, help="Run of ZSE instead of the shipped model.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    subject = of_run(options.run) if options.run else of_shipped_model()
    cases = choose(subject)
    suffix = "-zse" if options.run else ""
    explained = [(case, *subject.explain(case.sketch, case.photo)) for case in cases]
    matches = [draw_match(c.sketch, c.photo, found, side=300) for c, found, _ in explained]
    patches = [draw_synthesis(c.sketch, c.photo, found, side=300) for c, _, found in explained]
    for name, pictures in (("matches", matches), ("patches", patches)):
        sheet = lay_out(cases, pictures)
        sheet.save(options.out / f"{name}{suffix}.jpg", quality=QUALITY, optimize=True)


def of_shipped_model() -> Subject:
    """The default model in float32."""
    encoder = Encoder.load("default", precision="fp32", num_threads=0)
    return Subject(
        lambda sketches, photos: -encoder.embed_sketches(sketches) @ encoder.embed_photos(photos).T,
        lambda sketch, photo: (
            explain_match(encoder, sketch, photo),
            match_places(encoder, sketch, photo),
        ),
    )


def of_run(run: Path) -> Subject:
    """A ZSE network, which ranks by relation score."""
    from inkseek.systems.zse.encode import encode_photos, encode_sketches
    from inkseek.systems.zse.explain import explain_pair
    from inkseek.systems.zse.retrieval import rn_distances
    from inkseek.systems.zse.trained import load_run

    network = load_run(run)[1]

    def search(sketches: Sequence[Sketch], photos: Photos) -> np.ndarray:
        encoded = encode_sketches(network, sketches), encode_photos(network, photos)
        return rn_distances(network, *encoded)

    def explain(sketch: Sketch, photo: np.ndarray) -> tuple[Explanation, Sequence[Correspondence]]:
        found = explain_pair(network, sketch, photo)
        return found.match, found.patches

    return Subject(search, explain)


def choose(subject: Subject) -> list[Case]:
    """The first wins and the first losses by name, one of a name."""
    (packed,) = load_sets(["quickdraw"], ROOT / "cache", photo_size=144)
    paths = {
        path.stem.replace("-", " "): path
        for path in (find_asset("samples") / "photos").glob("*.webp")
    }
    drawn: dict[str, list[Sketch]] = {}
    for i, ref in enumerate(packed.pairs.sketches):
        if ref.split == "val" and ref.category in paths:
            drawn.setdefault(ref.category, []).append(packed.sketches[i])
    names = sorted(drawn)
    photos = [decode_photo(paths[name]).pixels for name in names]
    asked = [(n, sketch) for n, name in enumerate(names) for sketch in drawn[name][:DRAWINGS]]
    distances = subject.search([sketch for _, sketch in asked], photos)
    won: dict[str, Case] = {}
    lost: dict[str, Case] = {}
    for (n, sketch), row in zip(asked, distances, strict=True):
        best = int(row.argmin())
        rank = int((row <= row[n]).sum())
        case = Case(sketch, photos[best], names[n], names[best], rank)
        (won if rank == 1 else lost).setdefault(names[n], case)
    right = sum(int(row.argmin()) == n for (n, _), row in zip(asked, distances, strict=True))
    print(f"{right} of {len(asked)} drawings find the sample of their name first of {len(names)}")
    return [*list(won.values())[:OF_EACH], *list(lost.values())[:OF_EACH]]


def lay_out(cases: Sequence[Case], pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures in rows, each over its caption."""
    height = round(pictures[0].height * WIDTH / pictures[0].width)
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * WIDTH, rows * (height + CAPTION)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for i, (case, picture) in enumerate(zip(cases, pictures, strict=True)):
        x, y = i % COLUMNS * WIDTH, i // COLUMNS * (height + CAPTION)
        sheet.paste(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), (x, y))
        pen.text(
            (x + WIDTH // 2, y + height + CAPTION // 2 - 4),
            case.caption,
            fill=WON if case.rank == 1 else LOST,
            font=ImageFont.load_default(15),
            anchor="mm",
        )
    return sheet


if __name__ == "__main__":
    main()
