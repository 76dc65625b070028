"""Train SketchGloc: sequences, module, Lightning.

Beside what every run holds (`training.run`, but no ``val.jsonl``) there is ``best.ckpt``, the
checkpoint of the lowest validation loss.
"""

from pathlib import Path

import lightning
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

from inkseek.data.progress import OnProgress
from inkseek.data.sequences import SequenceSet, load_recipe_sequences
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import EpochStream, FixedStream, find_limits, fixed_batches
from inkseek.systems.sketchgloc.module import SketchGlocModule
from inkseek.systems.sketchgloc.trained import load_model, store_codes
from inkseek.training.loop import (
    CHECKPOINT,
    SaveLastStep,
    StepProgressBar,
    open_log,
    read_step,
)
from inkseek.training.run import begin_run

BEST = "best.ckpt"


def load(config: SketchGlocConfig, cache: Path, on_progress: OnProgress) -> tuple[SequenceSet]:
    """What `fit` trains on: the sequences of the recipe's categories."""
    return (load_recipe_sequences(config, cache, on_progress),)


def fit(
    config: SketchGlocConfig, run: Path, sequences: SequenceSet, *, resume: bool = False
) -> Path:
    """Train and return ``best.ckpt``; ``resume`` goes on from ``last.ckpt``."""
    checkpoint = begin_run(config, "sketchgloc", run, resume=resume)
    first_step = read_step(checkpoint)
    limits = find_limits(config, sequences)
    stream = EpochStream(config, sequences, limits, first_step)
    trainer = lightning.Trainer(
        default_root_dir=run,
        max_steps=config.num_steps,
        accelerator="auto",
        devices=1,
        val_check_interval=min(config.save_every * stream.steps_per_epoch, config.num_steps),
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        logger=open_log(run, first_step),
        log_every_n_steps=20,
        enable_model_summary=False,
        callbacks=[
            EarlyStopping("val/loss", patience=config.patience),
            SaveLastStep(run / CHECKPOINT),
            StepProgressBar(),
            _checkpoint(run, BEST, monitor="val/loss"),
            _checkpoint(run, CHECKPOINT, monitor=None),
        ],
    )
    module = SketchGlocModule(config, sequences.scale, limits)
    # Batches are cheap to make, so there are no loader processes.
    validation = FixedStream(fixed_batches(config, sequences, limits, "val"))
    trainer.fit(module, stream, validation, ckpt_path=checkpoint, weights_only=False)
    store_codes(load_model(run, BEST), sequences, run)
    return run / BEST


def _checkpoint(run: Path, name: str, *, monitor: str | None) -> ModelCheckpoint:
    """Written when a validation ends, after it was judged whether to go on."""
    return ModelCheckpoint(
        run,
        filename=Path(name).stem,
        monitor=monitor,
        every_n_epochs=1,
        save_on_train_epoch_end=False,
        enable_version_counter=False,
    )
