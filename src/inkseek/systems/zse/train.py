"""A ZSE run from recipe to checkpoint: resumable, chosen on held-back seen categories.

Beside what every run holds (`training.run`) there is ``best.safetensors``, the averaged weights of
the best validation.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import Task, make_tasks, spread
from inkseek.errors import RecipeError
from inkseek.metrics.ranking import mean_average_precision
from inkseek.raster.draw import draw_batch
from inkseek.raster.photo import fit_square
from inkseek.systems.zse.candidates import CandidateStream
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.data import ItemStream
from inkseek.systems.zse.module import ZseModule
from inkseek.systems.zse.network import ZseNetwork
from inkseek.systems.zse.retrieval import encode_all, rerank, sa_distances, score_candidates
from inkseek.systems.zse.second_stage import FirstStage, SecondStage, load_first_stage
from inkseek.systems.zse.tokenizer import Encoded
from inkseek.systems.zse.trained import BEST
from inkseek.training.features import Features, load_references
from inkseek.training.loop import ONE_DEVICE, VALIDATION, Hardware, LoopPlan, run_loop
from inkseek.training.run import begin_run, note_validation
from inkseek.training.stream import StepStream

CHOSEN_BY = "val/stand-in/rn/mAP@all"
"""The figure that the kept weights are the best by."""

STAND_INS = ("sketchy/stand-in", "quickdraw/stand-in")
"""Tasks of the held-back categories; of several data sets the first that has one decides."""

FIRST = 50
"""Photos that the relation network re-ranks in a validation of the two stages."""


def load(
    config: ZseConfig, cache: Path, on_progress: OnProgress
) -> tuple[list[PackedSet], list[Features] | FirstStage, frozenset[str]]:
    """What `fit` trains on: data sets, what a frozen network says of them, what is unseen."""
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    unseen = held_back(config.sets)
    if config.first_stage is not None:
        return sets, load_first_stage(config, sets, unseen, cache), unseen
    reference = config.reference if config.neighbourhood_weight else None
    references = load_references(sets, cache, backbone=reference, size=config.reference_size)
    return sets, references, unseen


def fit(
    config: ZseConfig,
    run: Path,
    sets: Sequence[PackedSet],
    frozen: Sequence[Features] | FirstStage,
    unseen: frozenset[str],
    *,
    resume: bool = False,
    hardware: Hardware = ONE_DEVICE,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    Categories that are ``unseen`` take no part at all. What is ``frozen`` are features of the
    photos by the reference, or the first stage that the second goes on from; what this one begins
    with is measured too.
    """
    checkpoint = begin_run(config, "zse", run, resume=resume, stale=(BEST,))
    task = make_stand_in(config, sets, unseen)
    validate = make_validation(config, sets, task, run) if task is not None else None
    plan = LoopPlan(config.last_step, config.validate_every, config.save_every, config.ema_decay)
    module: ZseModule | SecondStage
    stream: Callable[[int], StepStream]
    if isinstance(frozen, FirstStage):
        module = SecondStage(config, frozen.network, validate)
        stream = partial(CandidateStream, config, frozen.stored)
        # Stored tokens need no mixed precision: what is left to compute gains nothing by it.
        plan = replace(plan, precision="32-true")
    else:
        absent = unseen | frozenset(config.held_back)
        module = ZseModule(config, validate)
        stream = partial(ItemStream, config, sets, frozen, absent)
    return run_loop(module, stream, run, plan, checkpoint=checkpoint, hardware=hardware)


def make_stand_in(
    config: ZseConfig, sets: Sequence[PackedSet], unseen: frozenset[str]
) -> Task | None:
    """Category retrieval among the held-back seen categories; without those there is none.

    Raises:
        RecipeError: A held-back category is unseen, or no data set has such a task.
    """
    stand_ins = frozenset(config.held_back)
    if not stand_ins:
        return None
    if stand_ins & unseen:
        raise RecipeError(
            f"held_back names {min(stand_ins & unseen)!r}, which is unseen: choosing "
            "by it would leak; name seen categories"
        )
    tasks = make_tasks([s.pairs for s in sets], "val", unseen, stand_ins)
    chosen = [task for task in tasks if task.name in STAND_INS]
    if not chosen:
        raise RecipeError(
            "held_back needs sketchy-mini or quickdraw among the sets, with those categories"
        )
    return thin(chosen[0], config.validation_queries, config.validation_photos)


def thin(task: Task, queries: int, photos: int) -> Task:
    """At most so many queries and photos of a task, evenly chosen; a query keeps a relevant one."""
    small = task.subset(spread(len(task.queries), queries), spread(len(task.gallery), photos))
    return small.subset(np.flatnonzero(small.relevant.any(axis=1)))


def encode_task(
    network: ZseNetwork, packed: PackedSet, task: Task, image_size: int
) -> tuple[Encoded, Encoded]:
    """Tokens of a task's sketches and photos, in its order."""

    def sketches(rows: range) -> np.ndarray:
        drawn = draw_batch([packed.sketches[int(task.queries[i])] for i in rows], image_size)
        return np.repeat(drawn[..., None], 3, axis=3)

    def photos(rows: range) -> np.ndarray:
        return np.stack([fit_square(packed.photos[task.gallery[i]], image_size) for i in rows])

    return (
        encode_all(network, len(task.queries), sketches),
        encode_all(network, len(task.gallery), photos),
    )


def make_validation(
    config: ZseConfig, sets: Sequence[PackedSet], task: Task, run: Path
) -> Callable[[ZseNetwork], dict[str, float]]:
    """A function that measures a network, notes it in the run and keeps the best weights."""

    def validate(network: ZseNetwork) -> dict[str, float]:
        packed = sets[task.set_index]
        encoded = encode_task(network, packed, task, config.network.image_size)
        coarse = sa_distances(*encoded)
        order = np.argsort(coarse, axis=1, kind="stable")
        logits = score_candidates(network, *encoded, order)
        ranked = {
            "sa": coarse,
            "rn": rerank(coarse, order, logits),
            "two-stage": rerank(coarse, order[:, :FIRST], logits[:, :FIRST]),
        }
        values = {
            f"val/stand-in/{mode}/mAP@all": mean_average_precision(distances, task.relevant)
            for mode, distances in ranked.items()
        }
        if values[CHOSEN_BY] > _best_so_far(run):
            state = {k: v.detach().clone().contiguous() for k, v in network.state_dict().items()}
            save_file(state, run / BEST)
        note_validation(run, values)
        return values

    return validate


def _best_so_far(run: Path) -> float:
    path = run / VALIDATION
    if not path.is_file():
        return float("-inf")
    lines = path.read_text(encoding="utf-8").splitlines()
    return max((float(json.loads(line)[CHOSEN_BY]) for line in lines), default=float("-inf"))
