"""Train SketchGloc: sequences, module, Lightning."""

from collections.abc import Callable
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger

from inkseek.data.sequences import SequenceSet, load_sequences
from inkseek.data.sets import data_root
from inkseek.systems.sketchgloc.config import SketchGlocConfig
from inkseek.systems.sketchgloc.data import EpochStream, FixedStream, find_limits, fixed_batches
from inkseek.systems.sketchgloc.module import SketchGlocModule
from inkseek.systems.sketchgloc.trained import load_model, store_codes
from inkseek.training.loop import CHECKPOINT, SaveLastStep
from inkseek.training.recipe import write_recipe

BEST = "best.ckpt"


def train(
    config: SketchGlocConfig,
    run: Path,
    *,
    cache: Path,
    resume: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Path:
    """Train and return the checkpoint of the lowest validation loss, ``best.ckpt``.

    Args:
        config: The recipe.
        run: Folder of this run: ``recipe.yaml``, ``last.ckpt``, ``best.ckpt``,
            ``log/metrics.csv`` (``log-STEP`` where it was resumed).
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
    config: SketchGlocConfig, run: Path, sequences: SequenceSet, *, resume: bool = False
) -> Path:
    """`train` on sequences that are already loaded."""
    run.mkdir(parents=True, exist_ok=True)
    write_recipe(config, "sketchgloc", run / "recipe.yaml")
    last = run / CHECKPOINT
    checkpoint = last if resume and last.is_file() else None
    first_step = read_step(checkpoint) if checkpoint else 0
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
        # The logger empties its folder, so a resumed run gets one of its own.
        logger=CSVLogger(run, name="", version=f"log-{first_step}" if first_step else "log"),
        log_every_n_steps=20,
        enable_model_summary=False,
        callbacks=[
            EarlyStopping("val/loss", patience=config.patience),
            SaveLastStep(last),
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


def read_step(checkpoint: Path) -> int:
    """Steps that a checkpoint has behind it."""
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["global_step"])


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
