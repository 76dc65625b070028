"""One training loop for every system that learns step by step: Lightning, checkpoints, resume."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    ModelCheckpoint,
    RichProgressBar,
)
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from inkseek.training.module import MeasuredModule
from inkseek.training.stream import Batch, StepStream

CHECKPOINT = "last.ckpt"
VALIDATION = "val.jsonl"
"""Figures of every validation, one object a line, the oldest first."""


@dataclass(frozen=True)
class Hardware:
    """What a loop runs on; every device draws batches of its own, and gradients are averaged.

    Attributes:
        devices: Processes a machine, each on a GPU where there are GPUs.
        machines: Machines; each is started with the same command and the variables that Lightning
            documents (``MASTER_ADDR``, ``MASTER_PORT``, ``NODE_RANK``).
    """

    devices: int = 1
    machines: int = 1


ONE_DEVICE = Hardware()


@dataclass(frozen=True)
class LoopPlan:
    """How long a loop runs, and how often it does what.

    Attributes:
        last_step: Optimiser steps in all.
        validate_every: Steps between validations.
        save_every: Steps between checkpoints.
        ema_decay: Of the averaged weights, which stand under ``state_dict`` in a checkpoint;
            ``None`` averages none.
        precision: As Lightning names it.
        clip: Norm to which gradients are clipped; ``None`` leaves them, as a module needs that
            sets them by itself.
        validate_last: Validate after the last step too where no validation falls on it.
    """

    last_step: int
    validate_every: int
    save_every: int
    ema_decay: float | None
    precision: str = "bf16-mixed"
    clip: float | None = 5.0
    validate_last: bool = True


def run_loop(
    module: MeasuredModule[Any, Any],
    make_stream: Callable[[int], StepStream],
    run: Path,
    plan: LoopPlan,
    *,
    checkpoint: Path | None,
    hardware: Hardware = ONE_DEVICE,
) -> Path:
    """Train a module and return its last checkpoint.

    Args:
        module: It is measured once a validation.
        make_stream: Given the first step, the batches from there on.
        run: Folder of the run (`training.run`).
        plan: How long, and how often.
        checkpoint: What to go on from, if anything.
        hardware: What to run on.
    """
    first_step = read_step(checkpoint)
    trainer = lightning.Trainer(
        default_root_dir=run,
        max_steps=plan.last_step,
        accelerator="auto",
        devices=hardware.devices,
        num_nodes=hardware.machines,
        precision=plan.precision,  # type: ignore[arg-type]
        val_check_interval=plan.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        logger=open_log(run, first_step),
        log_every_n_steps=20,
        gradient_clip_val=plan.clip,
        callbacks=_callbacks(run, plan),
    )

    def feed(device_rank: int) -> DataLoader[Batch]:
        stream = make_stream(first_step)
        stream.device_rank = device_rank
        return DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=4)

    loaders = _Loaders(trainer, feed)
    trainer.fit(module, datamodule=loaders, ckpt_path=checkpoint, weights_only=False)
    if plan.validate_last and plan.last_step % plan.validate_every and trainer.is_global_zero:
        module.validate()
    return run / CHECKPOINT


class _Loaders(lightning.LightningDataModule):
    """The loaders of a loop, asked for when each process knows which device it feeds."""

    def __init__(
        self, trainer: lightning.Trainer, feed: Callable[[int], DataLoader[Batch]]
    ) -> None:
        super().__init__()
        self._trainer = trainer
        self._feed = feed

    def train_dataloader(self) -> DataLoader[Batch]:
        return self._feed(self._trainer.global_rank)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """Validation is one step: its function knows what to embed."""
        return DataLoader(TensorDataset(torch.zeros(1)), batch_size=None)


def read_step(checkpoint: Path | None) -> int:
    """Steps that a checkpoint has behind it; a run without one is at its beginning."""
    if checkpoint is None:
        return 0
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["global_step"])


def open_log(run: Path, first_step: int) -> CSVLogger:
    """The log of a run; it empties its folder, so a resumed run gets one of its own."""
    return CSVLogger(run, name="", version=f"log-{first_step}" if first_step else "log")


def _callbacks(run: Path, plan: LoopPlan) -> list[Callback]:
    last = run / CHECKPOINT
    averaging = [] if plan.ema_decay is None else [EMAWeightAveraging(decay=plan.ema_decay)]
    saving = ModelCheckpoint(
        run,
        filename=last.stem,
        every_n_train_steps=plan.save_every,
        enable_version_counter=False,
    )
    return [*averaging, saving, SaveLastStep(last), StepProgressBar()]


class StepProgressBar(RichProgressBar):
    """Counts steps: these loops have no epochs, which Lightning would show as ``Epoch 0/-2``."""

    def _get_train_description(self, current_epoch: int) -> str:
        return "Training"


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
