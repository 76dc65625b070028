"""One training loop for every system that learns step by step: Lightning, checkpoints, resume."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

CHECKPOINT = "last.ckpt"
VALIDATION = "val.jsonl"
"""Figures of every validation, one object a line, the oldest first."""


@dataclass(frozen=True)
class LoopPlan:
    """How long a loop runs, and how often it does what.

    Attributes:
        last_step: Optimiser steps in all.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        ema_decay: Of the averaged weights, which stand under ``state_dict`` in a checkpoint.
    """

    last_step: int
    validate_every: int
    save_every: int
    ema_decay: float


def run_loop(
    module: lightning.LightningModule,
    make_stream: Callable[[int], IterableDataset[dict[str, Tensor]]],
    run: Path,
    plan: LoopPlan,
    *,
    resume: bool,
) -> Path:
    """Train a module and return its last checkpoint.

    Args:
        module: Its ``validation_step`` is called once a validation and finds its own data.
        make_stream: Given the first step, the batches from there on; batch n must depend on n
            alone, so that a resumed run sees what an uninterrupted one sees.
        run: Folder of the run: ``last.ckpt`` and ``log/metrics.csv`` (``log-STEP`` where it was
            resumed).
        plan: How long, and how often.
        resume: Go on from ``last.ckpt`` if there is one.
    """
    last = run / CHECKPOINT
    checkpoint = last if resume and last.is_file() else None
    first_step = _step_of(checkpoint) if checkpoint else 0
    trainer = lightning.Trainer(
        default_root_dir=run,
        max_steps=plan.last_step,
        accelerator="auto",
        precision="bf16-mixed",
        val_check_interval=plan.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        # The logger empties its folder, so a resumed run gets one of its own.
        logger=CSVLogger(run, name="", version=f"log-{first_step}" if first_step else "log"),
        log_every_n_steps=20,
        gradient_clip_val=5.0,
        callbacks=[
            EMAWeightAveraging(decay=plan.ema_decay),
            ModelCheckpoint(
                run,
                filename=last.stem,
                every_n_train_steps=plan.save_every,
                enable_version_counter=False,
            ),
            SaveLastStep(last),
        ],
    )
    loader = DataLoader(make_stream(first_step), batch_size=None, num_workers=1, prefetch_factor=4)
    # Validation is one step: its function knows what to embed.
    once: DataLoader[tuple[Tensor, ...]] = DataLoader(
        TensorDataset(torch.zeros(1)), batch_size=None
    )
    trainer.fit(module, loader, once, ckpt_path=checkpoint, weights_only=False)
    return last


class SaveLastStep(Callback):
    """Writes the checkpoint of the last step while the trained weights are still in place.

    When training ends the averaged weights take their place; a checkpoint written then would
    make a resumed run go on from the average.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,  # noqa: ANN401
        batch: Any,  # noqa: ANN401
        batch_idx: int,
    ) -> None:
        """Called by Lightning after the callbacks that average the weights."""
        if trainer.global_step == trainer.max_steps:
            trainer.save_checkpoint(self.path)


def _step_of(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["global_step"])
