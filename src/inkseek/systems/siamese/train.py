"""A siamese run from recipe to checkpoint: resumable, with its figures beside the weights."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from inkseek.data.pack import PackedSet
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import LARGE_GALLERIES, make_tasks
from inkseek.models.backbones import EmbeddingNet
from inkseek.report.evaluation import evaluate
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.data import BatchStream
from inkseek.systems.siamese.module import SiameseModule
from inkseek.training.embedder import torch_embedder
from inkseek.training.features import Features, load_features
from inkseek.training.loop import CHECKPOINT, VALIDATION, LoopPlan, run_loop
from inkseek.training.recipe import write_recipe
from inkseek.training.trained import RECIPE


def train(
    config: SiameseConfig,
    run: Path,
    *,
    cache: Path,
    resume: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    Args:
        config: The recipe.
        run: Folder of this run: ``recipe.yaml``, ``last.ckpt``, ``log/metrics.csv`` (``log-STEP``
            where it was resumed), ``val.jsonl``.
        cache: Folder of packed data sets.
        resume: Continue from ``last.ckpt`` if there is one.
        on_progress: Told of the packing of data sets.
    """
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    return fit(config, run, sets, load_references(config, sets, cache), resume=resume)


def fit(
    config: SiameseConfig,
    run: Path,
    sets: Sequence[PackedSet],
    references: Sequence[Features],
    *,
    resume: bool = False,
) -> Path:
    """`train` on data that is already loaded.

    A run that starts from another's weights is validated before its first step as well.
    """
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(config, "siamese", run / RECIPE)
    validate = make_validation(config, sets, run)
    module = SiameseModule(config, validate)
    resumes = resume and (run / CHECKPOINT).is_file()
    if not resumes:
        (run / VALIDATION).unlink(missing_ok=True)
    if config.start is not None and not resumes:
        validate(module.network)
    last = run_loop(
        module,
        lambda first_step: BatchStream(config, sets, references, first_step),
        run,
        LoopPlan(config.last_step, config.validate_every, config.save_every, config.ema_decay),
        resume=resume,
    )
    if config.last_step % config.validate_every:
        validate(module.network)
    return last


def load_references(
    config: SiameseConfig, sets: Sequence[PackedSet], cache: Path
) -> list[Features]:
    """What the frozen reference says of the photos of each set; no columns where none is asked."""
    if not config.neighbourhood_weight:
        return [np.empty((len(s.photos), 0), dtype=np.float32) for s in sets]
    return [
        load_features(s, cache, backbone=config.reference, size=config.reference_size) for s in sets
    ]


def make_validation(
    config: SiameseConfig, sets: Sequence[PackedSet], run: Path
) -> Callable[[EmbeddingNet], dict[str, float]]:
    """A function that measures a network on the validation splits and notes it in the run."""
    stand_ins = frozenset(config.held_back)
    tasks = make_tasks([s.pairs for s in sets], "val", held_back(config.sets), stand_ins)
    tasks = [t for t in tasks if t.name not in LARGE_GALLERIES]

    def validate(network: EmbeddingNet) -> dict[str, float]:
        figures = evaluate(
            torch_embedder(network), config.canvas_size, config.photo_canvas_size, sets, tasks
        )
        values = {f"val/{f.task}/{f.metric}": f.interval.mean for f in figures}
        with (run / VALIDATION).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        return values

    return validate
