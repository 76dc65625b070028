"""`inkseek data`: look at data before training on it."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(no_args_is_help=True, help="Look at data before training on it.")


@data.command()
def pairs(
    folder: Annotated[Path, typer.Argument(help="Folder with photo/ and, if drawn, sketch/.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a folder of your own photos and sketches of them, file by file.

    A sketch is named as its photo: photo/mug.jpg, sketch/mug.svg, sketch/mug-2.png. Without a
    folder sketch/, the edges of each photo stand for a sketch of it. Exits with 1 if the folder
    cannot be trained on as it is.
    """
    from inkseek.data.datasets.pairs_folder import MIN_PHOTOS, match_pairs
    from inkseek.data.pairs import EDGES
    from inkseek.errors import InkseekError
    from inkseek.raster.photo import decode_photo
    from inkseek.strokes.readers import read_sketch

    found, orphans = match_pairs(folder)
    broken: dict[str, str] = {}
    drawings = {sketch.path for sketch in found.sketches if sketch.line != EDGES}
    for path in [*(photo.path for photo in found.photos), *sorted(drawings)]:
        try:
            if path in drawings:
                read_sketch(path)
            else:
                decode_photo(path)
        except (InkseekError, OSError) as error:
            broken[str(path)] = " ".join(str(error).split())
    drawn = {sketch.photo for sketch in found.sketches}
    splits = Counter(found.photos[i].split for i in drawn if i is not None)
    ready = len(drawn) >= MIN_PHOTOS and not orphans and not broken
    summary = {
        "photos": len(found.photos),
        "drawn": len(drawn),
        "sketches": len(found.sketches),
        "pseudo_sketches": any(sketch.line == EDGES for sketch in found.sketches),
        "train": splits["train"],
        "val": splits["val"],
        "sketches_without_photo": [str(path) for path in orphans],
        "unreadable": broken,
        "ready": ready,
    }
    typer.echo(json.dumps(summary, indent=1) if as_json else _describe(folder, summary))
    if not ready:
        raise typer.Exit(1)


@data.command()
def verify(
    name: Annotated[str, typer.Argument(help="Data set, such as shoev2; --help lists them.")],
    folder: Annotated[Path, typer.Argument(help="Folder where its release was unpacked.")],
    files: Annotated[
        bool, typer.Option("--files", help="Decode every file too: slow, finds damaged ones.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold the release of a public data set against the counts that its authors published.

    Known: shoev2, chairv2, shoev1, chairv1, handbag, sketchy-full, fscoco, sketchy-ext-25,
    sketchy-ext-21, tuberlin-ext, quickdraw-ext. Exits with 1 if something is missing. A recipe
    names a release as NAME:FOLDER.
    """
    from inkseek.cli.progress import packing_progress
    from inkseek.data import verify as verification
    from inkseek.data.releases import RELEASES
    from inkseek.errors import DatasetError

    if name not in RELEASES:
        raise DatasetError(f"no data set {name!r}; known: {', '.join(RELEASES)}")
    expected = RELEASES[name].expected_in(folder)
    found = RELEASES[name].read(folder)
    result = verification.verify(found, expected)
    broken = {}
    if files:
        with packing_progress() as on_progress:
            broken = verification.find_unreadable(found, lambda d, t: on_progress(name, d, t))
    problems = [*result.problems, *(f"unreadable: {p}: {why}" for p, why in broken.items())]
    published = {what: number.published for what, number in expected.items()}
    if as_json:
        summary = {
            "name": name,
            "counts": result.counts,
            "published": published,
            "missing": [str(path) for path in result.missing],
            "unreadable": {str(path): why for path, why in broken.items()},
            "problems": problems,
            "complete": not problems,
        }
        typer.echo(json.dumps(summary, indent=1))
    else:
        typer.echo(_describe_counts(result.counts, published))
        end = f"Complete: name it in a recipe as {name}:{folder.absolute()}"
        typer.echo("\n".join(problems) or end)
    if problems:
        raise typer.Exit(1)


def _describe_counts(counts: dict[str, int], published: dict[str, int]) -> str:
    rows = [f"{'':16} {'found':>9} {'published':>9}"]
    for what, number in counts.items():
        told = f"{published[what]:9,}" if what in published else f"{'':>9}"
        rows.append(f"{what:16} {number:9,} {told}")
    return "\n".join(row.rstrip() for row in rows)


def _describe(folder: Path, summary: dict[str, object]) -> str:
    kind = "pseudo-sketches of" if summary["pseudo_sketches"] else "sketches of"
    lines = [
        f"{summary['photos']} photos; {summary['sketches']} {kind} {summary['drawn']} of them "
        f"({summary['train']} to train on, {summary['val']} to validate)"
    ]
    orphans, broken = summary["sketches_without_photo"], summary["unreadable"]
    if isinstance(orphans, list):
        lines += [f"no photo of that name: {path}" for path in orphans]
    if isinstance(broken, dict):
        lines += [f"unreadable: {path}: {reason}" for path, reason in broken.items()]
    if summary["ready"]:
        name = f"pairs:{folder.absolute()}"
        lines.append(f"Next: inkseek train recipes/own.yaml --set 'sets=[\"{name}\"]'")
    else:
        lines.append("Not ready: mend the above, or draw more of the photos.")
    return "\n".join(lines)
