"""A frozen student's canvases, measured once: what a selector is trained and judged on."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from inkseek.card import SelectorCard
from inkseek.data.pack import PackedSet
from inkseek.data.pairs import Split
from inkseek.data.progress import OnProgress, silent
from inkseek.data.sets import held_back
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.selector import read_points
from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchynet.config import StudentConfig
from inkseek.systems.sketchynet.outcomes import Outcomes, measure_outcomes
from inkseek.systems.sketchynet.selector_data import SelectorData, StrokeInputs
from inkseek.systems.sketchynet.sequences import complete_to, join_sequences
from inkseek.systems.sketchynet.student import PHOTO, create_student
from inkseek.systems.sketchynet.train_student import canvas_embedder
from inkseek.training.loop import CHECKPOINT
from inkseek.training.recipe import RECIPE, read_recipe
from inkseek.training.trained import read_averaged

CHUNK = 128
"""Images in one run of the network."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What a selector is trained on, and what it is judged on."""

    train: SelectorData
    val: SelectorData


def measure_student(
    run: Path,
    sets: Sequence[PackedSet],
    cache: Path,
    *,
    levels: tuple[int, ...],
    card: SelectorCard,
    on_progress: OnProgress = silent,
) -> Measured:
    """What every canvas brings every paired sketch; from the cache if it was measured before.

    Args:
        run: The student's.
        sets: Those that the student was trained on.
        cache: Folder where outcomes are kept, by the digest of the student's checkpoint.
        levels: Percent of its points that a training sketch keeps, rising to 100.
        card: How the selector reads a sketch.
        on_progress: Told of each data set.
    """
    student = read_recipe(run / RECIPE, StudentConfig)
    parts: dict[Split, tuple[int, ...]] = {"train": levels, "val": levels[-1:]}
    key = hashlib.blake2b((run / CHECKPOINT).read_bytes() + repr(levels).encode(), digest_size=6)
    file = cache / f"outcomes-{key.hexdigest()}.npz"
    if not file.is_file():
        arrays = {}
        for split, its_levels in parts.items():
            found = _measure_split(student, run, sets, split, its_levels, on_progress)
            arrays[f"{split}-ranks"] = found.ranks
            arrays[f"{split}-triplets"] = found.triplets
        partial = file.with_suffix(".part.npz")
        np.savez(partial, allow_pickle=False, **arrays)
        os.replace(partial, file)
    unseen = held_back(student.sets)
    data = {}
    with np.load(file) as stored:
        for split, its_levels in parts.items():
            sequences = [
                read_points(packed.sketches[i], card)
                for packed in sets
                for i in _paired(packed, split, unseen)
            ]
            outcomes = Outcomes(stored[f"{split}-ranks"], stored[f"{split}-triplets"])
            inputs = StrokeInputs(join_sequences(sequences), its_levels)
            data[split] = SelectorData(inputs, outcomes)
    return Measured(data["train"], data["val"])


def _measure_split(
    student: StudentConfig,
    run: Path,
    sets: Sequence[PackedSet],
    split: Split,
    levels: Sequence[int],
    on_progress: OnProgress,
) -> Outcomes:
    """Ranks among the photos of the same group, those of the test split left out."""
    network = create_student(student, pretrained=False)
    network.load_state_dict(read_averaged(run))
    parts = []
    for packed in sets:
        chosen = _paired(packed, split, held_back(student.sets))
        if not chosen:
            continue
        photos = [i for i, p in enumerate(packed.pairs.photos) if p.split != "test"]
        groups = sorted({packed.pairs.photos[i].group for i in photos})
        gallery = _embed(
            canvas_embedder(network, PHOTO),
            (fit_square(packed.photos[i], student.photo_canvas_size) for i in photos),
        )
        row_of = {photo: row for row, photo in enumerate(photos)}
        drawings = [packed.sketches[i] for i in chosen]
        name = f"{packed.pairs.name} {split}"
        rows = np.empty((len(levels), len(student.canvas_sizes), len(chosen), student.dim), "f2")
        for done, place in enumerate(np.ndindex(rows.shape[:2])):
            on_progress(name, done, len(levels) * len(student.canvas_sizes))
            side = student.canvas_sizes[place[1]]
            kept = [complete_to(drawing, levels[place[0]]) for drawing in drawings]
            rows[place] = _embed(canvas_embedder(network, str(side)), _draw_all(kept, side))
        parts.append(
            measure_outcomes(
                rows,
                gallery,
                np.array([row_of[_photo_of(packed, i)] for i in chosen]),
                photo_group=np.array([groups.index(packed.pairs.photos[i].group) for i in photos]),
            )
        )
        on_progress(name, 1, 1)
    return Outcomes(
        np.concatenate([p.ranks for p in parts], axis=2),
        np.concatenate([p.triplets for p in parts], axis=2),
    )


def _paired(packed: PackedSet, split: Split, unseen: frozenset[str]) -> list[int]:
    """Sketches of a split that were drawn from one very photo of a seen category."""
    return [
        i
        for i, sketch in enumerate(packed.pairs.sketches)
        if sketch.split == split and sketch.photo is not None and sketch.category not in unseen
    ]


def _photo_of(packed: PackedSet, sketch: int) -> int:
    photo = packed.pairs.sketches[sketch].photo
    assert photo is not None  # noqa: S101 - `_paired` chose the sketches that have one
    return photo


def _draw_all(sketches: Sequence[Sketch], side: int) -> Iterable[np.ndarray]:
    for begin in range(0, len(sketches), CHUNK):
        ink = draw_batch(sketches[begin : begin + CHUNK], side)
        yield from np.repeat(ink[..., None], 3, axis=3)


def _embed(
    embed: Callable[[np.ndarray], np.ndarray], images: Iterable[np.ndarray]
) -> Float32[np.ndarray, "rows dim"]:
    rows, waiting = [], []
    for image in images:
        waiting.append(image)
        if len(waiting) == CHUNK:
            rows.append(embed(np.stack(waiting)))
            waiting = []
    if waiting:
        rows.append(embed(np.stack(waiting)))
    return np.concatenate(rows)
