"""A recogniser from recipe to checkpoint: resumable, with its accuracy beside the weights."""

import json
from collections.abc import Callable
from pathlib import Path

from inkseek.data.sequences import SequenceSet, load_sequences
from inkseek.data.sets import data_root
from inkseek.errors import DatasetError
from inkseek.metrics.generation import recognition_rate
from inkseek.models.sketchanet import SketchANet
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.systems.recogniser.data import RasterStream
from inkseek.systems.recogniser.module import RecogniserModule
from inkseek.systems.recogniser.trained import Recogniser, score
from inkseek.training.loop import CHECKPOINT, VALIDATION, LoopPlan, run_loop
from inkseek.training.recipe import write_recipe
from inkseek.training.trained import RECIPE


def train(
    config: RecogniserConfig,
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
        cache: Folder of stored sequences.
        resume: Continue from ``last.ckpt`` if there is one.
        on_progress: Told of the reading of categories.
    """
    sequences = load_sequences(
        data_root() / config.source,
        config.categories,
        cache,
        max_points=config.max_seq_len,
        limit=config.num_per_category,
        on_progress=on_progress,
    )
    return fit(config, run, sequences, resume=resume)


def fit(
    config: RecogniserConfig, run: Path, sequences: SequenceSet, *, resume: bool = False
) -> Path:
    """`train` on sequences that are already loaded."""
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(config, "recogniser", run / RECIPE)
    if not (resume and (run / CHECKPOINT).is_file()):
        (run / VALIDATION).unlink(missing_ok=True)
    validate = make_validation(config, sequences, run)
    module = RecogniserModule(config, validate)
    last = run_loop(
        module,
        lambda first_step: RasterStream(config, sequences, first_step),
        run,
        LoopPlan(config.steps, config.validate_every, config.save_every, config.ema_decay),
        resume=resume,
    )
    if config.steps % config.validate_every:
        validate(module.network)
    return last


def make_validation(
    config: RecogniserConfig, sequences: SequenceSet, run: Path
) -> Callable[[SketchANet], dict[str, float]]:
    """A function that measures the accuracy on the validation split and notes it in the run."""
    rows = sequences.rows("val")
    if not len(rows):
        raise DatasetError("no sketch is in the validation split; take more of each category")
    sketches = [sequences.sketches[int(i)] for i in rows]
    category = sequences.category[rows]

    def validate(network: SketchANet) -> dict[str, float]:
        recogniser = Recogniser(network, config.categories, config.canvas_size)
        values = {"val/accuracy": recognition_rate(score(recogniser, sketches), category)}
        with (run / VALIDATION).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")
        return values

    return validate
