"""A recogniser from recipe to checkpoint: resumable, with its accuracy beside the weights."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from inkseek.data.progress import OnProgress
from inkseek.data.sequences import SequenceSet, load_recipe_sequences
from inkseek.errors import DatasetError
from inkseek.metrics.generation import recognition_rate
from inkseek.models.sketchanet import SketchANet
from inkseek.systems.recogniser.config import RecogniserConfig
from inkseek.systems.recogniser.data import RasterStream
from inkseek.systems.recogniser.module import RecogniserModule
from inkseek.systems.recogniser.trained import Recogniser, score
from inkseek.training.loop import ONE_DEVICE, Hardware, LoopPlan, run_loop
from inkseek.training.run import begin_run, note_validation


def load(config: RecogniserConfig, cache: Path, on_progress: OnProgress) -> tuple[SequenceSet]:
    """What `fit` trains on: the sequences of the recipe's categories."""
    return (load_recipe_sequences(config, cache, on_progress),)


def fit(
    config: RecogniserConfig,
    run: Path,
    sequences: SequenceSet,
    *,
    resume: bool = False,
    hardware: Hardware = ONE_DEVICE,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it."""
    checkpoint = begin_run(config, "recogniser", run, resume=resume)
    return run_loop(
        RecogniserModule(config, make_validation(config, sequences, run)),
        partial(RasterStream, config, sequences),
        run,
        LoopPlan(config.steps, config.validate_every, config.save_every, config.ema_decay),
        checkpoint=checkpoint,
        hardware=hardware,
    )


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
        note_validation(run, values)
        return values

    return validate
