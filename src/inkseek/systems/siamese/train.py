"""A siamese run from recipe to checkpoint: resumable, with its figures beside the weights."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from inkseek.data.pack import PackedSet
from inkseek.data.progress import OnProgress
from inkseek.data.sets import held_back, load_sets
from inkseek.data.tasks import LARGE_GALLERIES, make_tasks
from inkseek.models.backbones import EmbeddingNet
from inkseek.report.evaluation import evaluate
from inkseek.systems.siamese.config import SiameseConfig
from inkseek.systems.siamese.data import BatchStream
from inkseek.systems.siamese.module import SiameseModule
from inkseek.training.embedder import torch_embedder
from inkseek.training.features import Features, load_references
from inkseek.training.loop import ONE_DEVICE, Hardware, LoopPlan, run_loop
from inkseek.training.run import begin_run, note_validation


def load(
    config: SiameseConfig, cache: Path, on_progress: OnProgress
) -> tuple[list[PackedSet], list[Features]]:
    """What `fit` trains on: data sets, and what the frozen reference says of their photos."""
    sets = load_sets(config.sets, cache, photo_size=config.photo_size, on_progress=on_progress)
    reference = config.reference if config.neighbourhood_weight else None
    return sets, load_references(sets, cache, backbone=reference, size=config.reference_size)


def fit(
    config: SiameseConfig,
    run: Path,
    sets: Sequence[PackedSet],
    references: Sequence[Features],
    *,
    resume: bool = False,
    hardware: Hardware = ONE_DEVICE,
) -> Path:
    """Train and return the last checkpoint; ``resume`` goes on from it.

    A run that starts from another's weights is validated before its first step as well.
    """
    checkpoint = begin_run(config, "siamese", run, resume=resume)
    module = SiameseModule(config, make_validation(config, sets, run))
    if config.start is not None and checkpoint is None:
        module.validate()
    return run_loop(
        module,
        partial(BatchStream, config, sets, references),
        run,
        LoopPlan(config.last_step, config.validate_every, config.save_every, config.ema_decay),
        checkpoint=checkpoint,
        hardware=hardware,
    )


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
        note_validation(run, values)
        return values

    return validate
